/** Asks the server for something and tells refusals apart from answers. Knows no address. */

/** A refusal or a lost connection, in Chinese. */
export class Refusal extends Error {
  constructor(
    message: string,
    readonly help: string = "",
  ) {
    super(message);
  }

  override toString(): string {
    return [this.message, this.help].filter(Boolean).join(" ");
  }
}

export async function getText(url: string): Promise<string> {
  return (await ask(url, {})).text();
}

export async function getJson<T>(url: string): Promise<T> {
  return (await (await ask(url, { headers: { Accept: "application/json" } })).json()) as T;
}

/** Posts and gives the JSON answered, or null when the answer has none. */
export async function post<T>(url: string, body: BodyInit, token: string, kind?: string): Promise<T | null> {
  const headers: Record<string, string> = { Accept: "application/json", "X-CSRFToken": token };
  if (kind) headers["Content-Type"] = kind;
  const answer = await ask(url, { method: "POST", body, headers });
  return isJson(answer.headers.get("Content-Type")) ? ((await answer.json()) as T) : null;
}

/** What a refused answer says; `status` speaks where the server does not. */
export function refusal(status: number, kind: string | null, text: string): Refusal {
  if (isJson(kind)) {
    const said = JSON.parse(text) as { message?: string; help?: string };
    if (said.message) return new Refusal(said.message, said.help);
  }
  return new Refusal(WORDS[status] ?? "服务器没有办成这件事。", HELP[status] ?? "请稍后再试；仍然不行请联系运维人员。");
}

/** The form token: on the island itself, else anywhere in its form or page. */
export function token(place: HTMLElement): string {
  const field = (place.closest("form") ?? document).querySelector<HTMLInputElement>("input[name=csrf_token]");
  return place.dataset.csrf ?? field?.value ?? "";
}

export const LOST = new Refusal("连不上服务器。", "请检查网络后再试。");

const WORDS: Record<number, string> = {
  401: "登录已经失效。",
  403: "您没有办理这件事的权限。",
  404: "没有找到这份内容。",
  409: "内容已经被别人修改。",
  413: "内容太大。",
};
const HELP: Record<number, string> = {
  401: "请重新登录后再试。",
  403: "请换到有权限的岗位。",
  404: "请刷新页面后再看。",
  409: "请刷新页面，核对后再试。",
  413: "请减小后再试。",
};

async function ask(url: string, request: RequestInit): Promise<Response> {
  const answer = await fetch(url, { credentials: "same-origin", ...request }).catch(() => {
    throw LOST;
  });
  if (!answer.ok) throw refusal(answer.status, answer.headers.get("Content-Type"), await answer.text());
  return answer;
}

function isJson(kind: string | null): boolean {
  return (kind ?? "").includes("json");
}
