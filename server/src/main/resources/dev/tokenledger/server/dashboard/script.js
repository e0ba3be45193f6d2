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
    if (event.target.closest("#live")) {
      setLive(!live());
    }
    // A part of a bar shows its series alone, as the link below the chart does. A finger's first tap tells what it is, as a
    // mouse does by pointing.
    var part = event.target.closest(".slot rect:not(.hit):not(.before)");
    if (part && (event.pointerType !== "touch" || part === tapped)) {
      var link = document.querySelector('[data-series="' + part.getAttribute("class") + '"]');
      if (link) {
        link.click();
      }
    }
    tapped = part;
    var slot = event.pointerType === "touch" && event.target.closest(".slot");
    if (slot) {
      show(slot, event);
    }
    var more = document.getElementById("c-more");
    if (more && more.open && !more.contains(event.target)) {
      more.open = false;
    }
  });

  var tapped = null;

  document.addEventListener("keydown", function (event) {
    var more = document.getElementById("c-more");
    if (event.key === "Escape" && more && more.open) {
      more.open = false;
      document.getElementById("c-more-summary").focus();
    }
    if (event.target.type === "date") {
      typed = event.target;
    }
  });

  // A browser begins a date anew whose bound is set, even to what it was.
  function bound(date, name, value) {
    if (date[name] !== value) {
      date[name] = value;
    }
  }

  // Neither date can pass the other one. Without script the server says so.
  function boundDates() {
    var from = document.getElementById("c-from");
    var through = document.getElementById("c-through");
    if (from && through) {
      bound(from, "max", through.value);
      bound(through, "min", from.value);
    }
  }

  // The date that is being typed: every digit changes it, so it counts once it is left, or Enter is pressed.
  var typed = null;

  document.addEventListener("pointerdown", function (event) {
    // Here a date is chosen from the browser's own calendar.
    if (event.target.type === "date") {
      typed = null;
    }
  });

  document.addEventListener("focusout", function (event) {
    var next = event.relatedTarget;
    // The other date may be meant to be typed next.
    if (event.target.type !== "date" || (next && next.type === "date")) {
      return;
    }
    typed = null;
    submitDates(event.target.form);
  });

  function submitDates(form) {
    var dates = form ? Array.from(form.querySelectorAll("input[type=date]")) : [];
    var changed = dates.some(function (date) { return date.value !== date.defaultValue; });
    if (changed && dates.every(function (date) { return date.validity.valid; })) {
      form.requestSubmit();
    }
  }

  // A control that is changed shows at once what it asks for; those of the panel wait for its button.
  document.addEventListener("change", function (event) {
    var form = event.target.closest("form[data-auto]");
    boundDates();
    if (event.target.id === "c-filter") {
      offerValues(form, event.target.value);
    }
    if (!form || event.target.closest(".panel")) {
      return;
    }
    if (event.target.type === "date") {
      if (event.target !== typed) {
        submitDates(form);
      }
    } else {
      form.requestSubmit();
    }
  });

  // The values that a filter can have, to pick from.
  function offerValues(form, dimension) {
    var list = document.getElementById("values");
    list.replaceChildren();
    // Of sessions there are too many to pick one from.
    if (!dimension || dimension === "session" || dimension === "conversation") {
      return;
    }
    fetch(form.dataset.values + "&values_of=" + encodeURIComponent(dimension), {headers: {Accept: "application/json"}})
      .then(function (answer) { return answer.ok ? answer.json() : {values: []}; })
      .then(function (found) {
        if (document.getElementById("c-filter").value !== dimension) {
          return;
        }
        (found.values || []).forEach(function (value) {
          if (value.value) {
            var option = document.createElement("option");
            option.value = value.value;
            list.appendChild(option);
          }
        });
      })
      .catch(function () {
        // A value can be written all the same.
      });
  }

  // Refreshing: off until it is asked for, and while somebody fills in the form or does not look.
  var REFRESH_MILLIS = 10000;

  function live() {
    try {
      return sessionStorage.getItem("live") === "yes";
    } catch (e) {
      return false;
    }
  }

  function setLive(on) {
    try {
      sessionStorage.setItem("live", on ? "yes" : "no");
    } catch (e) {
      // Not remembered, then.
    }
    showLive();
  }

  function showLive() {
    var button = document.getElementById("live");
    if (button) {
      button.hidden = false;
      button.setAttribute("aria-pressed", String(live()));
      button.textContent = live() ? "Pause refreshing" : "Refresh every 10 s";
    }
  }

  setInterval(function () {
    var form = document.getElementById("controls");
    var busy = form && form.contains(document.activeElement);
    if (live() && !busy && !document.hidden && document.getElementById("live")) {
      quiet = true;
      opened = Array.from(document.querySelectorAll("details[open][id]"), function (details) { return details.id; });
      htmx.ajax("GET", location.href, {target: "#page", select: "#page", swap: "outerHTML show:none"});
    }
  }, REFRESH_MILLIS);

  // Whether the page that comes is the same view again, and what was unfolded of it.
  var quiet = false;
  var opened = [];

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

  function ready() {
    boundDates();
    showLive();
    document.querySelectorAll("[data-end]").forEach(function (region) {
      region.scrollLeft = region.scrollWidth;
    });
  }

  ready();

  document.addEventListener("htmx:afterSettle", function () {
    tip.hidden = true;
    ready();
    if (quiet) {
      quiet = false;
      opened.forEach(function (id) {
        var details = document.getElementById(id);
        if (details) {
          details.open = true;
        }
      });
      return;
    }
    // Who worked with a control that is gone, or folded away, goes on at the view that it led to.
    if (!document.activeElement || document.activeElement === document.body) {
      document.getElementById("main").focus({preventScroll: true});
    }
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
