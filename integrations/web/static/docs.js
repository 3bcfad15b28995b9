// Every call of /openapi.json, to read and to try. DOM without innerHTML; nothing is loaded from elsewhere.
const made = (name, text = "", more = {}) => Object.assign(document.createElement(name), { textContent: text }, more);

const plain = (text) => text.replaceAll("`", "");

const example = (spec, operation) => {
  const schema = operation.requestBody?.content?.["application/json"]?.schema;
  const found = schema?.$ref ? spec.components.schemas[schema.$ref.split("/").pop()] : schema;
  return found ? JSON.stringify(found.examples?.[0] ?? {}, null, 2) : null;
};

const call = (spec, path, method, operation) => {
  const box = made("details");
  const told = plain(operation.description ?? operation.summary ?? "");
  const summary = made("summary");
  summary.append(made("code", `${method.toUpperCase()} ${path}`), made("span", ` ${told.split(/(?<=\.)\s/)[0]}`, { className: "quiet" }));
  box.append(summary, made("p", told));
  for (const p of operation.parameters ?? []) {
    box.append(made("p", `${p.in} ${p.name}${p.required ? " (needed)" : ""}: ${p.description ?? ""}`));
  }
  const where = made("input", "", { value: path, size: 60, ariaLabel: "Address" });
  const body = example(spec, operation);
  const sent = body === null ? null : made("textarea", "", { value: body, rows: 8, cols: 80, ariaLabel: "Body" });
  const said = made("pre", "", { tabIndex: 0, hidden: true });
  const button = made("button", "Try it", { className: "button", type: "button" });
  button.addEventListener("click", async () => {
    const token = document.getElementById("token").value;
    const headers = { Accept: "application/json", ...(token && { Authorization: `Bearer ${token}` }), ...(sent && { "Content-Type": "application/json" }) };
    const got = await fetch(where.value, { method: method.toUpperCase(), headers, body: sent?.value });
    said.hidden = false;
    said.textContent = `${got.status}\n${(await got.text()).slice(0, 20000)}`;
  });
  box.append(where, ...(sent ? [sent] : []), button, said);
  return box;
};

const spec = await (await fetch("/openapi.json")).json();
document.getElementById("about").textContent = plain(spec.info.description ?? "");
const calls = document.getElementById("calls");
for (const [path, methods] of Object.entries(spec.paths)) {
  for (const [method, operation] of Object.entries(methods)) calls.append(call(spec, path, method, operation));
}
