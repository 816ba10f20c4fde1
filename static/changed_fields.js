/* Whether a field differs from the page as loaded: for entry.js, entry_keeping.js, leaving.js and
   way_back.js. And a word that a list does not have, for the first two. */

"use strict";

const isChanged = (field) => {
  if (["checkbox", "radio"].includes(field.type)) return field.checked !== field.defaultChecked;
  if (field.type === "select-multiple") {
    return [...field.options].some((option) => option.selected !== option.defaultSelected);
  }
  if (field.tagName === "SELECT") {
    const chosen = [...field.options].findIndex((option) => option.defaultSelected);
    return field.selectedIndex !== Math.max(chosen, 0);
  }
  return field.value !== field.defaultValue;
};

/* Adds a word to a list that does not have it, so that it is seen and can be corrected. */
const addUnlisted = (field, text) => {
  const option = new Option(`${text}（選択肢にありません）`, text);
  option.dataset.unlisted = "";
  field.add(option);
  return option;
};
