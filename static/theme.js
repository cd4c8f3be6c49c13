/* Runs before the first paint, so that a dark page never flashes white. */
(() => {
  const asked = new URLSearchParams(location.search).get("theme");
  const known = (value) => (value === "dark" || value === "light" ? value : null);
  let kept = null;
  try {
    kept = localStorage.getItem("theme");
  } catch {
    // Storage can be forbidden; the system's preference then decides.
  }
  const preferred = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  document.documentElement.dataset.theme = known(asked) || known(kept) || preferred;
})();
