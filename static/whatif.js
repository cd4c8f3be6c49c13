/* The sliders of the trial move the number fields beside them, and follow them. Without script the numbers do. */
(() => {
  const sliders = [...document.querySelectorAll("input[type=range][data-for]")];
  for (const slider of sliders) {
    const field = document.getElementById(slider.dataset.for);
    slider.addEventListener("input", () => {
      field.value = slider.value;
    });
    field.addEventListener("input", () => {
      if (field.value !== "") slider.value = field.value;
    });
  }
})();
