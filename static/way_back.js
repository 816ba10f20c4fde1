/* Restores a form after the back button. The browser fetches the page again and fills in the
   texts that were not saved, but they belong to what the page showed then. What another person
   has saved since would be overwritten unseen. So the page shows again what it showed, and the
   server compares that with what is stored now. */

"use strict";

(() => {
  const form = document.querySelector("input[type=hidden][name^='initial-']")?.form;
  if (!form) return;

  const fields = [...form.elements].filter((field) => field.name
    && !["submit", "button", "file"].includes(field.type) && field.name !== "csrfmiddlewaretoken");
  const isCompared = (field) => field.type !== "hidden"
    && form.elements.namedItem(`initial-${field.name}`);

  /* What the page says, before anybody types: a text, a tick, or the chosen ones of several. */
  const madeWith = (field) => {
    if (field.tagName === "SELECT") {
      return [...field.options].filter((one) => one.defaultSelected).map((one) => one.value);
    }
    if (["checkbox", "radio"].includes(field.type)) return field.defaultChecked;
    return field.defaultValue;
  };
  const put = (field, content) => {
    if (Array.isArray(content)) {
      for (const option of field.options) option.selected = content.includes(option.value);
      if (!content.length && !field.multiple) field.selectedIndex = 0;
    } else if (typeof content === "boolean") field.checked = content;
    else field.value = content;
  };

  // The browser fills in its texts after the page has loaded.
  window.addEventListener("pageshow", () => {
    const now = fields.map((field) => [field.name, madeWith(field)]);
    const seen = history.state?.seen ?? now;
    const typed = fields.filter(isChanged);
    const isOvertaken = typed.some(isCompared) && JSON.stringify(seen) !== JSON.stringify(now);
    const hasSameRows = seen.length === now.length && seen.every(([name], at) => name === now[at][0]);

    if (isOvertaken && hasSameRows) {
      fields.forEach((field, at) => { if (!typed.includes(field)) put(field, seen[at][1]); });
    } else if (isOvertaken) {
      form.reset();
      const told = document.createElement("p");
      told.className = "errornote";
      told.setAttribute("role", "alert");
      told.textContent = "この画面を離れている間に行が増えたか減ったため、"
        + "保存していない入力を戻せませんでした。今の登録内容を表示しています。";
      form.prepend(told);
    }
    const shown = isOvertaken && hasSameRows ? seen : now;
    history.replaceState({ ...history.state, seen: shown }, "");
  }, { once: true });
})();
