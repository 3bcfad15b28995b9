// Calls to REST with the person's token. Errors are problems: {code, detail, hint}.

const KEY = "rapport-token";

export const session = {
  token: () => sessionStorage.getItem(KEY) || localStorage.getItem(KEY),
  enter(token, stay) {
    (stay ? localStorage : sessionStorage).setItem(KEY, token);
  },
  leave() {
    sessionStorage.removeItem(KEY);
    localStorage.removeItem(KEY);
  },
};

export class Problem extends Error {
  constructor(body, status) {
    super(body.detail || "The server did not answer.");
    this.hint = body.hint || "";
    this.code = body.code || "unreachable";
    this.status = status;
  }
}

export async function call(method, path, { body, accept } = {}) {
  const headers = { Authorization: `Bearer ${session.token()}` };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (accept) headers.Accept = accept;
  let response;
  try {
    response = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new Problem({ detail: "Rapport cannot be reached.", hint: "Check the connection and try again." }, 0);
  }
  if (!response.ok) throw new Problem(await response.json().catch(() => ({})), response.status);
  return response;
}

export const get = async (path) => (await call("GET", path)).json();

export async function post(path, body) {
  const response = await call("POST", path, { body });
  return response.status === 204 ? null : response.json();
}

export const file = async (path) => (await call("GET", path)).blob();

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
