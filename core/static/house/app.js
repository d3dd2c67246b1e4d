/* Small behaviours on top of pages that work without them. No inline handlers, no style attributes,
   nothing newer than Chromium 90. */
(function () {
  "use strict";
  var POLL_MS = 1500, POLL_FAULTS = 5, YEAR_S = 31536000;

  function each(selector, fn, root) { Array.prototype.forEach.call((root || document).querySelectorAll(selector), fn); }
  function remember(name, value) {
    document.cookie = name + "=" + value + "; path=/; max-age=" + YEAR_S + "; samesite=lax" + (location.protocol === "https:" ? "; secure" : "");
  }

  // fold the left navigation; the server reads the cookie, so the next page does not jump
  each("[data-fold]", function (button) {
    button.addEventListener("click", function () {
      var folded = document.body.classList.toggle("nav-folded");
      button.setAttribute("aria-expanded", folded ? "false" : "true");
      remember("nav", folded ? "folded" : "open");
    });
  });

  // row height of tables: compact, normal, roomy
  each("[data-density]", function (button, _, all) {
    var mine = button.getAttribute("data-density");
    function tell() {
      var now = document.body.classList.contains("density-compact") ? "compact" : document.body.classList.contains("density-roomy") ? "roomy" : "normal";
      Array.prototype.forEach.call(all, function (other) { other.setAttribute("aria-pressed", other.getAttribute("data-density") === now ? "true" : "false"); });
    }
    button.addEventListener("click", function () {
      document.body.classList.remove("density-compact", "density-roomy");
      if (mine !== "normal") { document.body.classList.add("density-" + mine); }
      remember("density", mine);
      tell();
    });
    tell();
  });

  // pick rows: box in the head, boxes in the rows, a spoken count
  each("[data-pick]", function (table) {
    var all = table.querySelector("thead input[type=checkbox]");
    var out = document.getElementById(table.getAttribute("data-pick"));
    var boxes = table.querySelectorAll("tbody input[type=checkbox]");
    function tell() {
      var n = 0;
      Array.prototype.forEach.call(boxes, function (box) {
        if (box.checked) { n += 1; }
        box.closest("tr").classList.toggle("sel", box.checked);
      });
      all.checked = n > 0 && n === boxes.length;
      all.indeterminate = n > 0 && n < boxes.length;
      out.textContent = n ? "已选 " + n + " 家" : "未选择企业";
      each("[data-needs-pick]", function (button) { button.disabled = n === 0; });
    }
    all.addEventListener("change", function () { Array.prototype.forEach.call(boxes, function (box) { box.checked = all.checked; }); tell(); });
    Array.prototype.forEach.call(boxes, function (box) { box.addEventListener("change", tell); });
    tell();
  });

  // show or hide the password
  each("[data-reveal]", function (button) {
    button.addEventListener("click", function () {
      var field = document.getElementById(button.getAttribute("data-reveal"));
      var show = field.type === "password";
      field.type = show ? "text" : "password";
      button.textContent = show ? "隐藏" : "显示";
      button.setAttribute("aria-label", show ? "隐藏密码" : "显示密码");
      button.setAttribute("aria-pressed", show ? "true" : "false");
    });
  });

  // a form that must not be sent twice: the button waits and says so; coming back by the browser frees it again
  each("form[data-once]", function (form) {
    form.addEventListener("submit", function (event) {
      if (form.getAttribute("data-sent")) { event.preventDefault(); return; }
      form.setAttribute("data-sent", "1");
      var button = event.submitter || form.querySelector("button[type=submit]");
      if (button) {
        button.setAttribute("aria-disabled", "true");
        button.setAttribute("data-label", button.textContent);
        if (form.getAttribute("data-busy")) { button.textContent = form.getAttribute("data-busy"); }
      }
    });
  });
  window.addEventListener("pageshow", function (event) {
    if (!event.persisted) { return; }
    each("form[data-sent]", function (form) {
      form.removeAttribute("data-sent");
      each("[aria-disabled][data-label]", function (button) { button.removeAttribute("aria-disabled"); button.textContent = button.getAttribute("data-label"); }, form);
    });
  });

  // the chosen file's name and size, told before it is sent
  each("input[type=file][data-tell]", function (input) {
    input.addEventListener("change", function () {
      var out = document.getElementById(input.getAttribute("data-tell")), file = input.files[0];
      out.textContent = file ? file.name + "，" + Math.max(1, Math.round(file.size / 1024)) + " KB" : "";
    });
  });

  // follow a running check: the block is fetched anew until it no longer asks to be.
  // data-poll-url: where; data-poll-done="reload" on the last one: the whole page has something new to show
  function follow(block, faults) {
    setTimeout(function () {
      fetch(block.getAttribute("data-poll-url"), { credentials: "same-origin", headers: { "X-Requested-With": "fetch" } })
        .then(function (answer) {
          if (answer.redirected || answer.status === 401 || answer.status === 403) { location.reload(); return null; }
          if (!answer.ok) { throw new Error(String(answer.status)); }
          return answer.text();
        })
        .then(function (html) {
          if (html === null) { return; }
          var fresh = new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
          if (!fresh) { location.reload(); return; }
          if (fresh.getAttribute("data-poll-done") === "reload") { location.reload(); return; }
          var hadFocus = block.contains(document.activeElement);
          block.replaceWith(fresh);
          if (hadFocus) { fresh.setAttribute("tabindex", "-1"); fresh.focus(); }
          if (fresh.hasAttribute("data-poll-url")) { follow(fresh, 0); }
        })
        .catch(function () {
          if (faults + 1 < POLL_FAULTS) { follow(block, faults + 1); return; }
          var note = document.createElement("p");
          note.className = "small late";
          note.textContent = "与服务器的连接中断，进度不再更新；后台仍在处理，请刷新本页。";
          block.appendChild(note);
        });
    }, POLL_MS * (faults + 1));
  }
  each("[data-poll-url]", function (block) { follow(block, 0); });

  // the account box closes on Escape and on a click elsewhere
  each("details.account", function (box) {
    document.addEventListener("click", function (event) { if (!box.contains(event.target)) { box.open = false; } });
    box.addEventListener("keydown", function (event) {
      if (event.key === "Escape" && box.open) { box.open = false; box.querySelector("summary").focus(); }
    });
  });

  // figures that are typed into a table are added up under it as they are typed
  each("table[data-adds]", function (table) {
    var out = table.querySelector("[data-sum]");
    if (!out) { return; }
    table.addEventListener("input", function () {
      var sum = 0;
      each("tbody input", function (field) {
        var text = field.value.replace(/[,\s]/g, "");
        sum = /^\d+$/.test(text) ? sum + Number(text) : NaN;
      }, table);
      out.textContent = isNaN(sum) ? "—" : sum.toLocaleString("en-US");
    });
  });

  // "/" goes to the search box unless the user is typing
  document.addEventListener("keydown", function (event) {
    if (event.key !== "/" || event.ctrlKey || event.altKey || event.metaKey || /INPUT|TEXTAREA|SELECT/.test(event.target.tagName)) { return; }
    var search = document.getElementById("q");
    if (search) { event.preventDefault(); search.focus(); }
  });

  each("[data-print]", function (button) { button.addEventListener("click", function () { window.print(); }); });
})();
