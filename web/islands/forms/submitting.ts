/** Keeps a form from being sent twice by a double click. The server's idempotency key is the real guard. */

const BUSY = "正在提交…";

export function submitOnce(form: HTMLFormElement): void {
  if (form.hasAttribute("data-again")) return;
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "yes";
    const pressed = event.submitter instanceof HTMLButtonElement ? event.submitter : null;
    // Later: a button disabled now would not be sent.
    window.setTimeout(() => rest(form, pressed, event.defaultPrevented));
  });
  window.addEventListener("pageshow", () => release(form)); // back to a page kept in memory
  form.addEventListener("htmx:afterRequest", () => release(form));
  form.addEventListener("htmx:after:request", () => release(form));
}

function rest(form: HTMLFormElement, pressed: HTMLButtonElement | null, taken: boolean): void {
  if (taken && !form.hasAttribute("hx-post")) return release(form);
  if (!pressed || pressed.classList.contains("default-submit")) return;
  pressed.dataset.words = pressed.textContent ?? "";
  pressed.textContent = pressed.dataset.busy ?? (pressed.classList.contains("btn-primary") ? BUSY : "请稍候…");
  pressed.disabled = true;
}

function release(form: HTMLFormElement): void {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll<HTMLButtonElement>("button[data-words]")) {
    button.textContent = button.dataset.words ?? "";
    button.disabled = false;
    delete button.dataset.words;
  }
}
