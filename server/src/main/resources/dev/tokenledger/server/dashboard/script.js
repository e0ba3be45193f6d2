// What pages gain by script; without it they work all the same. Listeners sit on the document, because pages are swapped.
(function () {
  "use strict";

  function dark() {
    var chosen = document.documentElement.dataset.theme;
    return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }

  document.addEventListener("click", function (event) {
    if (event.target.closest("#theme")) {
      var theme = dark() ? "light" : "dark";
      document.documentElement.dataset.theme = theme;
      try {
        localStorage.setItem("theme", theme);
      } catch (e) {
        // Not remembered, then.
      }
    }
    // A part of a bar shows its series alone, as the link below the chart does.
    var part = event.target.closest(".slot rect:not(.hit)");
    if (part) {
      var link = document.querySelector('[data-series="' + part.getAttribute("class") + '"]');
      if (link) {
        link.click();
      }
    }
  });

  // Neither date can pass the other one. Without script the server says so.
  function boundDates() {
    var from = document.getElementById("c-from");
    var through = document.getElementById("c-through");
    if (from && through) {
      from.max = through.value;
      through.min = from.value;
    }
  }

  boundDates();

  // A control that is changed shows at once what it asks for; a filter's value is waited for.
  document.addEventListener("change", function (event) {
    var form = event.target.closest("form[data-auto]");
    boundDates();
    if (form && event.target.id !== "c-filter" && event.target.id !== "c-value") {
      form.requestSubmit();
    }
  });

  var tip = document.getElementById("tip");

  function show(slot, event) {
    var title = slot.querySelector("title");
    if (title) {
      slot.tip = title.textContent;
      // The browser would show it a second time.
      title.remove();
    }
    tip.replaceChildren();
    slot.tip.split("\n").forEach(function (line, index) {
      var row = document.createElement("div");
      var parts = line.split("\t");
      row.className = index === 0 ? "title" : "line";
      parts.forEach(function (part) {
        var cell = document.createElement("span");
        cell.textContent = part;
        row.appendChild(cell);
      });
      tip.appendChild(row);
    });
    tip.hidden = false;
    var left = event.clientX + 16;
    if (left + tip.offsetWidth > document.documentElement.clientWidth - 8) {
      left = Math.max(8, event.clientX - tip.offsetWidth - 16);
    }
    tip.style.left = left + "px";
    tip.style.top = Math.max(8, event.clientY - tip.offsetHeight / 2) + "px";
  }

  document.addEventListener("pointermove", function (event) {
    var slot = event.target.closest && event.target.closest(".slot");
    if (slot) {
      show(slot, event);
    } else {
      tip.hidden = true;
    }
  });

  document.addEventListener("htmx:afterSettle", function () {
    tip.hidden = true;
    boundDates();
    // Screen readers hear that another view is there.
    var heading = document.querySelector("h1");
    document.getElementById("said").textContent = heading ? heading.textContent : document.title;
  });

  // A page that says what is wrong is worth showing too.
  document.addEventListener("htmx:beforeSwap", function (event) {
    var type = event.detail.xhr.getResponseHeader("Content-Type") || "";
    if (event.detail.xhr.status >= 400 && type.indexOf("text/html") === 0) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });
})();
