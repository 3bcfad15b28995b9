// Calls to REST within the session. Errors are problems: {code, detail, hint}.

let csrf = "";

export class Problem extends Error {
  constructor(body, status) {
    super(body.detail || "The server did not answer.");
    this.hint = body.hint || "";
    this.code = body.code || "unreachable";
    this.status = status;
  }
}

const TRIES = 4;

export async function call(method, path, { body, accept, form } = {}) {
  const headers = {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (accept) headers.Accept = accept;
  if (method !== "GET" && csrf) headers["X-Rapport-CSRF"] = csrf;
  let response;
  for (let tried = 0; tried < TRIES; tried++) {
    try {
      response = await fetch(path, { method, headers, credentials: "same-origin", body: form ?? (body === undefined ? undefined : JSON.stringify(body)) });
    } catch {
      throw new Problem({ detail: "Rapport cannot be reached.", hint: "Check the connection and try again." }, 0);
    }
    if (response.status !== 503 || method !== "GET") break;
    await new Promise((go) => setTimeout(go, 1000 * Number(response.headers.get("Retry-After") || 1)));  // busy: what only reads is asked again
  }
  if (!response.ok) {
    const problem = new Problem(await response.json().catch(() => ({})), response.status);
    if (response.status === 401 && path !== "/api/v1/session") dispatchEvent(new CustomEvent("signed-out"));
    throw problem;
  }
  return response;
}

const json = async (response) => (response.status === 204 ? null : response.json());
export const get = async (path) => json(await call("GET", path));
// What may still be being made: asked for again until it is there, as long as somebody waits for it.
export async function made(path, waited) {
  for (;;) {
    const response = await call("GET", path);
    if (response.status !== 202) return response.json();
    await new Promise((go) => setTimeout(go, 1000 * Number(response.headers.get("Retry-After") || 1)));
    if (!waited()) return new Promise(() => {});
  }
}
export const post = async (path, body = {}) => json(await call("POST", path, { body }));
export const put = async (path, body) => json(await call("PUT", path, { body }));
export const del = async (path) => json(await call("DELETE", path));
export const send = async (path, form) => json(await call("POST", path, { form }));
export const file = async (path) => (await call("GET", path)).blob();
export const query = (values) => {
  const said = new URLSearchParams(Object.entries(values).filter(([, v]) => v !== "" && v !== null && v !== undefined && v !== false));
  return said.size ? `?${said}` : "";
};

export const session = {
  async read() {
    const told = await get("/api/v1/session");
    csrf = told.csrf || "";
    return told;
  },
  async enter(body) {
    const told = await post("/api/v1/session", body);
    csrf = told.csrf || "";
    return told;
  },
  async leave() {
    await del("/api/v1/session");
    csrf = "";
  },
};

// Asks a question; `onStep` hears what is being done until the answer is there.
export async function ask(question, conversation, onStep) {
  const response = await call("POST", "/api/v1/ask", { body: { question, conversation }, accept: "text/event-stream" });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new Problem({ detail: "The answer was cut off.", hint: "Ask again." }, 0);
    held += value;
    const parts = held.split("\n\n");
    held = parts.pop();
    for (const part of parts) {
      const name = /^event: (.*)$/m.exec(part)?.[1];
      const data = /^data: (.*)$/m.exec(part)?.[1];
      if (name === "progress") onStep(JSON.parse(data).step);
      if (name === "problem") throw new Problem(JSON.parse(data), 0);
      if (name === "answer") return JSON.parse(data);
    }
  }
}
