/* Attaches 根拠資料 in a row of the entry grid without leaving it. Without this script, the button of
   the row sends the form, and the page comes back with a field for the files. */

"use strict";

(() => {
  const form = document.getElementById("grid");
  if (!form) return;

  const state = document.getElementById("grid-state");

  const show = (place, files) => {
    place.querySelector("ul").replaceChildren(...files.map(({ name, url }) => {
      const link = document.createElement("a");
      link.href = url;
      link.textContent = name;
      const item = document.createElement("li");
      item.append(link);
      return item;
    }));
    const row = place.closest("[data-row]");
    const opener = row.querySelector(".opener");
    const marks = opener.querySelector("small") || opener.appendChild(document.createElement("small"));
    const hasRemarks = row.querySelector('[data-field="remarks"]')?.value.trim();
    marks.textContent = `${hasRemarks ? "備考・" : ""}資料${files.length}件`;
  };

  const tell = (place, texts) => {
    place.querySelector(".wrong")?.remove();
    if (!texts.length) return;
    const wrong = document.createElement("span");
    wrong.className = "wrong";
    wrong.setAttribute("role", "alert");
    wrong.append(...texts.map((text) => {
      const line = document.createElement("span");
      line.textContent = text;
      return line;
    }));
    place.append(wrong);
  };

  const attach = async (place, files) => {
    const data = new FormData();
    data.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    for (const file of files) data.append("files", file);
    const name = place.closest("[data-row]").dataset.name;
    tell(place, []);
    state.textContent = `「${name}」に根拠資料を添付しています。`;
    let answer = null;
    let response = null;
    try {
      response = await fetch(place.dataset.files, {
        method: "POST", body: data, headers: { Accept: "application/json" },
      });
      if (response.ok && !response.redirected) answer = await response.json();
    } catch { /* reported below */ }
    if (!answer) {
      state.textContent = "";
      tell(place, [response?.redirected
        ? "ログアウトしているため、添付できませんでした。入力した値は残っています。"
        : "添付できませんでした。入力した値は残っています。数分後にもう一度添付してください。"]);
      return;
    }
    show(place, answer.files);
    tell(place, answer.problems);
    state.textContent = answer.done ? `「${name}」に${answer.done}` : "";
  };

  form.addEventListener("click", (event) => {
    const button = event.target.closest('button[name="attach"]');
    if (!button) return;
    event.preventDefault();
    const place = button.closest("[data-files]");
    const picker = document.createElement("input");
    picker.type = "file";
    picker.multiple = true;
    picker.addEventListener("change", async () => {
      if (!picker.files.length) return;
      button.disabled = true;
      await attach(place, picker.files);
      button.disabled = false;
      button.focus();
    });
    picker.click();
  });
})();
