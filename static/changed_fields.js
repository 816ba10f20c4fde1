/* Whether a field differs from the page as loaded: for entry.js and entry_keeping.js. */

"use strict";

const isChanged = (field) => {
  if (field.type === "checkbox") return field.checked !== field.defaultChecked;
  if (field.tagName === "SELECT") {
    const chosen = [...field.options].findIndex((option) => option.defaultSelected);
    return field.selectedIndex !== Math.max(chosen, 0);
  }
  return field.value !== field.defaultValue;
};
