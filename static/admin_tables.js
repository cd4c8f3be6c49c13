// The box above the columns of an export ticks all of them, or none.
const all = document.querySelector("[data-tick-all]");
all.hidden = false;
all.querySelector("input").addEventListener("change", (event) => {
  for (const box of event.target.form.querySelectorAll("[resource-id]")) box.checked = event.target.checked;
});
