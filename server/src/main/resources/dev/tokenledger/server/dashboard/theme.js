// Before anything is painted: the theme that was chosen here last, else the system's.
(function () {
  "use strict";
  try {
    var chosen = localStorage.getItem("theme");
    if (chosen === "light" || chosen === "dark") {
      document.documentElement.dataset.theme = chosen;
    }
  } catch (e) {
    // Storage is switched off: the system's theme it is.
  }
})();
