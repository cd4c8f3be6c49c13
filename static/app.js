/* Everything the pages do in the browser: theme, dialogs, search, shortcuts, toasts, drafts, careful submits.
   Listeners sit on the document, so that parts swapped in by htmx work without wiring. */
(() => {
  const root = document.documentElement;
  const $ = (selector, within = document) => within.querySelector(selector);
  const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
  const on = (name, handle, options) => document.addEventListener(name, handle, options);
  const store = (area, key, value) => {
    try {
      if (value === undefined) return window[area].getItem(key);
      if (value === null) window[area].removeItem(key);
      else window[area].setItem(key, value);
    } catch {
      // Storage can be full or forbidden; every page works without it.
    }
    return null;
  };
  const texts = document.body.dataset;

  // Dialogs

  const palette = $("#palette");
  const openDialog = (dialog) => {
    if (!dialog || dialog.open) return;
    dialog.showModal();
    $("input:not([type=hidden])", dialog)?.select();
  };

  /** Asks before something that is hard to take back; resolves to true or false. */
  const ask = (text, typed) => {
    const dialog = $("#ask");
    const field = $("input", dialog);
    $("[data-ask-text]", dialog).textContent = text;
    $("[data-ask-typed]", dialog).hidden = !typed;
    $("[data-ask-word]", dialog).textContent = typed || "";
    field.value = "";
    dialog.returnValue = "";
    dialog.showModal();
    const ready = () => ($("[value=yes]", dialog).disabled = Boolean(typed) && field.value.trim() !== typed);
    field.oninput = ready;
    ready();
    return new Promise((resolve) => {
      dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    });
  };

  // Toasts

  const dismissLater = (toast) => {
    // An undo stays for ten seconds; a failure stays until it is put away.
    if (toast.dataset.timed || toast.classList.contains("bad")) return;
    toast.dataset.timed = "yes";
    const wait = $("form", toast) ? 10000 : 6000;
    let timer = setTimeout(() => toast.remove(), wait);
    const hold = () => clearTimeout(timer);
    const go = () => (timer = setTimeout(() => toast.remove(), 3000));
    toast.addEventListener("pointerenter", hold);
    toast.addEventListener("focusin", hold);
    toast.addEventListener("pointerleave", go);
    toast.addEventListener("focusout", go);
  };
  const toast = (text, tone = "") => {
    $$("#toasts > .toast").forEach((old) => old.textContent === text && old.remove());
    const box = document.createElement("div");
    box.className = `toast ${tone}`;
    box.textContent = text;
    $("#toasts")?.append(box);
    if (tone === "bad") setTimeout(() => box.remove(), 12000);
    else dismissLater(box);
  };
  window.toast = toast;

  // Clicks

  on("click", (event) => {
    const hit = (selector) => event.target.closest?.(selector);
    if (event.target.matches?.("dialog[open]")) return event.target.close();
    if (hit("[data-theme-toggle]")) return switchTheme();
    if (hit("[data-print]")) return print();
    if (hit("[data-palette]")) return openDialog(palette);
    if (hit("[data-close]")) return hit("dialog")?.close();
    if (hit("[data-dismiss]")) return hit(".toast")?.remove();
    if (hit("[data-dialog]")) return openDialog($(hit("[data-dialog]").dataset.dialog));
    for (const menu of $$("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  const switchTheme = () => {
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
    store("localStorage", "theme", root.dataset.theme);
    dispatchEvent(new Event("themechange"));
  };

  // Submits: ask first, keep drafts while offline, never send twice

  const confirmed = new WeakSet();
  on(
    "submit",
    (event) => {
      const form = event.target;
      const source = event.submitter?.dataset.confirm ? event.submitter : form;
      if (source.dataset.confirm && !confirmed.has(form)) {
        event.preventDefault();
        event.stopImmediatePropagation();
        ask(source.dataset.confirm, source.dataset.confirmTyped).then((yes) => {
          if (!yes) return;
          confirmed.add(form);
          form.requestSubmit(event.submitter);
        });
        return;
      }
      confirmed.delete(form);
      if (form.dataset.sending) {
        event.preventDefault();
        event.stopImmediatePropagation();
        return;
      }
      if (form.matches("[data-draft]") && !navigator.onLine) {
        event.preventDefault();
        event.stopImmediatePropagation();
        keepDraft(form);
        waiting.set(form, event.submitter);
        toast(texts.offline);
      }
    },
    true,
  );
  on("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.matches("[data-resubmit]")) return;
    if (form.matches("[data-clear-drafts]")) clearDrafts();
    if (form.matches("[data-draft]")) store("sessionStorage", SENT + form.dataset.draft, "yes");
    // After the browser has read the pressed button's value: a disabled button would not be sent.
    setTimeout(() => hold(form), 0);
  });
  const hold = (form) => {
    form.dataset.sending = "yes";
    buttons(form).forEach((button) => {
      if (button.disabled) return;
      button.disabled = true;
      button.dataset.held = "yes";
    });
  };
  const release = (form) => {
    delete form.dataset.sending;
    buttons(form).forEach((button) => {
      if (!button.dataset.held) return;
      button.disabled = false;
      delete button.dataset.held;
    });
  };
  const buttons = (form) =>
    [...form.elements].filter((item) => item.type === "submit" || item.type === "image");
  // Coming back through the history shows the page as it was left: with its buttons held.
  addEventListener("pageshow", () => $$("form[data-sending]").forEach(release));

  // Drafts: what was typed outlives a failure or a reload, on this device, until it has been sent

  const DRAFT = "draft:";
  const SENT = "draft-sent:";
  const waiting = new Map();
  const keeps = (field) =>
    field.name && field.name !== "csrfmiddlewaretoken" && !/^(password|file|hidden|submit|button)$/.test(field.type);
  const keepDraft = (form) => {
    const rows = [...form.elements]
      .filter(keeps)
      .map((field) => [field.name, field.value, /^(checkbox|radio)$/.test(field.type) ? field.checked : null]);
    store("sessionStorage", DRAFT + form.dataset.draft, JSON.stringify(rows));
  };
  const restoreDraft = (form) => {
    const key = form.dataset.draft;
    const sent = store("sessionStorage", SENT + key);
    const arrived = performance.getEntriesByType("navigation")[0]?.type === "navigate";
    store("sessionStorage", SENT + key, null);
    // A fresh page after a submit means that it went through; a page with errors carries the values itself.
    if (sent && arrived && !$("[aria-invalid=true]", form)) store("sessionStorage", DRAFT + key, null);
    const kept = store("sessionStorage", DRAFT + key);
    if (!kept || $("[aria-invalid=true]", form)) return;
    const rows = JSON.parse(kept);
    let changed = false;
    for (const field of [...form.elements].filter(keeps)) {
      const choice = /^(checkbox|radio)$/.test(field.type);
      const row = rows.find(([name, value]) => name === field.name && (!choice || value === field.value));
      if (!row || (choice ? field.checked === row[2] : field.value === row[1])) continue;
      if (choice) field.checked = row[2];
      else field.value = row[1];
      changed = true;
    }
    if (changed) {
      form.dispatchEvent(new Event("change", { bubbles: true }));
      toast(texts.restored);
    }
  };
  const clearDrafts = () => {
    try {
      Object.keys(sessionStorage)
        .filter((key) => key.startsWith("draft"))
        .forEach((key) => sessionStorage.removeItem(key));
    } catch {
      // Nothing was kept then.
    }
  };
  on("input", (event) => {
    const form = event.target.form;
    if (form?.matches("[data-draft]")) keepDraft(form);
  });
  addEventListener("offline", () => toast(texts.offline));
  addEventListener("online", () => {
    waiting.forEach((button, form) => form.requestSubmit(button));
    waiting.clear();
  });

  // Search palette

  on("keydown", (event) => {
    if (!palette?.contains(event.target)) return;
    const rows = $$(".results a", palette);
    const at = rows.findIndex((row) => row.classList.contains("on"));
    if (event.key === "Enter" && event.target.matches("input") && rows.length) {
      // While a Chinese input method composes, Enter only takes over the letters.
      if (event.isComposing) return;
      event.preventDefault();
      rows[Math.max(at, 0)].click();
    }
    if ((event.key !== "ArrowDown" && event.key !== "ArrowUp") || !rows.length) return;
    event.preventDefault();
    const next = (at + (event.key === "ArrowDown" ? 1 : -1) + rows.length) % rows.length;
    choose(rows, at < 0 && event.key === "ArrowUp" ? rows.length - 1 : next);
  });
  const choose = (rows, index, mark = "on") => {
    rows.forEach((row, i) => row.classList.toggle(mark, i === index));
    rows[index]?.scrollIntoView({ block: "nearest" });
  };

  // Shortcuts

  /** The key meant. A Chinese input method reports letters as "Process" and / as a full-width mark: read the code. */
  const keyOf = (event) => {
    if (/^Key[A-Z]$/.test(event.code)) return event.code.slice(3).toLowerCase();
    if (/^(Digit|Numpad)\d$/.test(event.code) && !event.shiftKey) return event.code.slice(-1);
    if (event.code === "Slash") return event.shiftKey || /[?？]/.test(event.key) ? "?" : "/";
    return event.key;
  };
  const typing = () => document.activeElement?.matches("input:not([type=checkbox],[type=radio]), textarea, select");
  on("keydown", (event) => {
    const key = keyOf(event);
    const dialog = $("dialog[open]");
    if ((event.metaKey || event.ctrlKey) && key === "k") {
      event.preventDefault();
      return openDialog(palette);
    }
    if ((event.metaKey || event.ctrlKey) && key === "Enter" && document.activeElement?.form && !dialog) {
      return document.activeElement.form.requestSubmit();
    }
    if (key === "Escape" && !dialog) {
      $$("details.menu[open]").forEach((menu) => (menu.open = false));
      if (typing()) document.activeElement.blur();
      return;
    }
    if (typing() || dialog || event.metaKey || event.ctrlKey || event.altKey) return;
    if (texts.shortcuts === "off") return;
    if (key === "/") {
      event.preventDefault();
      return openDialog(palette);
    }
    if (key === "?") return openDialog($("#help"));
    if (press(key)) return event.preventDefault();
    if (key === "j" || key === "k") return moveRow(key === "j" ? 1 : -1);
    if (key === "Enter" && !document.activeElement.closest("a, button, summary")) {
      $("[data-rows] tr.sel a, [data-rows] tr.sel button")?.click();
    }
  });
  const press = (key) => {
    const target = $$(`[data-key="${CSS.escape(key)}"]`).find((item) => !item.disabled && item.offsetParent !== null);
    if (!target) return false;
    if (target.matches("input:not([type=radio],[type=checkbox]), textarea, select")) target.focus();
    else if (target.matches("[data-key-focus]")) target.focus();
    else target.click();
    return true;
  };
  const moveRow = (step) => {
    const rows = $$("[data-rows] > tr");
    if (!rows.length) return;
    const at = rows.findIndex((row) => row.classList.contains("sel"));
    choose(rows, Math.max(0, Math.min(rows.length - 1, at + step)), "sel");
  };

  // Parts loaded by htmx: dim what is old, hold the form, say what went wrong

  const dim = (event, busy) => {
    const { target, elt } = event.detail;
    if (target && !target.matches("[data-nodim]")) {
      target.classList.toggle("loading", busy);
      target.setAttribute("aria-busy", busy);
    }
    const form = elt?.closest?.("form");
    if (form && form === elt) (busy ? hold : release)(form);
  };
  on("htmx:beforeRequest", (event) => dim(event, true));
  on("htmx:afterRequest", (event) => {
    dim(event, false);
    const form = event.detail.elt;
    if (form.matches?.("[data-draft]") && event.detail.successful) {
      store("sessionStorage", DRAFT + form.dataset.draft, null);
      store("sessionStorage", SENT + form.dataset.draft, null);
    }
  });

  // The columns of an import: who wins goes along with the field, to the column that has it now.

  on("change", ({ target }) => {
    if (!target.matches("#mapping [name^=column_]")) return;
    const policies = new Map($$("#mapping [data-policy]").map((part) => [part.dataset.policy, part]));
    policies.forEach((part) => (part.hidden = true));
    for (const select of $$("#mapping [name^=column_]")) {
      const none = $("[data-none]", select.closest("tr"));
      const policy = policies.get(select.value);
      none.hidden = Boolean(policy);
      if (!policy) continue;
      policy.hidden = false;
      none.before(policy);
    }
  });

  // What is typed or ticked while a part of a form is fetched outlives the swap. Not where rows change their names.

  const asked = new WeakMap();
  const entered = (part) =>
    new Map(
      $$("input:not([type=hidden]), textarea", part).map((field) => {
        const choice = /^(checkbox|radio)$/.test(field.type);
        return [choice ? `${field.name}=${field.value}` : field.name, choice ? field.checked : field.value];
      }),
    );
  on("htmx:beforeRequest", ({ detail: { target, elt, xhr } }) => {
    if (target?.matches("[data-keep-typing]") && !elt.matches("[data-renames]")) asked.set(xhr, entered(target));
  });
  on("htmx:beforeSwap", ({ detail: { target, xhr } }) => {
    const before = asked.get(xhr);
    if (before) asked.set(xhr, new Map([...entered(target)].filter(([name, value]) => before.get(name) !== value)));
  });
  on("htmx:afterSettle", ({ detail: { xhr } }) => {
    const late = asked.get(xhr);
    if (!late?.size) return;
    asked.delete(xhr);
    for (const field of $$("[data-keep-typing] input, [data-keep-typing] textarea")) {
      if (late.has(field.name)) field.value = late.get(field.name);
      const ticked = late.get(`${field.name}=${field.value}`);
      if (ticked !== undefined) field.checked = ticked;
    }
  });
  on("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    toast(status === 429 ? texts.slow : status === 403 ? texts.forbidden : status === 404 ? texts.gone : texts.failed, "bad");
  });
  on("htmx:sendError", () => toast(texts.offline, "bad"));
  on("htmx:timeout", () => toast(texts.failed, "bad"));
  const ready = (part) => {
    $$("form[data-draft]", part).forEach(restoreDraft);
    $$(".toast").forEach(dismissLater);
    $("[aria-invalid=true]", part)?.focus();
  };
  on("htmx:afterSettle", ({ detail: { elt } }) => {
    ready(elt);
    if (elt.matches("tr[id^=fix-]")) goOnFrom(elt);
  });
  /** To the next row that asks for something, for a row is answered with Enter; behind the last to what comes then. */
  const goOnFrom = (fixed) => {
    let row = fixed.matches("[data-done]") ? fixed.nextElementSibling : fixed;
    while (row && !$(".cellfix", row)) row = row.nextElementSibling;
    (row ? $(".cellfix", row) : $("#go .btn.p"))?.focus();
  };
  ready(document);
  if (location.hash === "#search") openDialog(palette);
})();
