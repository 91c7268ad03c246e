// Draws the OpenAPI document of this service. No framework, nothing from elsewhere; every text enters the page as text, never as markup.
"use strict";

const METHODS = ["get", "post", "put", "patch", "delete", "options"];
let spec = {};

// An element with a class, and children that are elements or texts.
function make(tag, className, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  for (const child of children.flat(Infinity)) if (child !== null && child !== undefined) node.append(child);
  return node;
}

// Paragraphs with **strong** and `code`: as much Markdown as the document's descriptions use.
function prose(text, className) {
  return (text || "").split(/\n\s*\n/).filter(Boolean).map((paragraph) => make("p", className, inline(paragraph)));
}

function inline(text) {
  return text.split(/(\*\*[^*]+\*\*|`[^`]+`)/).filter(Boolean).map((part) => {
    if (part.startsWith("**")) return make("strong", "", part.slice(2, -2));
    if (part.startsWith("`")) return make("code", "", part.slice(1, -1));
    return part;
  });
}

function resolve(node) {
  if (!node || !node.$ref) return node;
  const target = node.$ref.slice(2).split("/").reduce((at, key) => at[key.replace(/~1/g, "/").replace(/~0/g, "~")], spec);
  return { ...target, ...node, $ref: undefined, refName: node.$ref.split("/").pop() };
}

function fold(className, heading, inside, id) {
  const node = make("details", className, make("summary", "", heading), make("div", "inside", inside));
  if (id) node.id = id;
  return node;
}

function json(value) {
  return make("pre", "", make("code", "", JSON.stringify(value, null, 2)));
}

// ---- Schemas

function typeWords(schema) {
  const words = [];
  if (schema.refName) words.push(schema.refName);
  if ("const" in schema) words.push("always " + JSON.stringify(schema.const));
  if (schema.type && !schema.refName) words.push([].concat(schema.type).join(" or "));
  if (schema.type === "array" && schema.items) words[words.length - 1] = "list of " + (typeWords(resolve(schema.items)) || "any value");
  if (schema.format) words.push(schema.format);
  if (schema.enum) words.push(schema.enum.map((word) => JSON.stringify(word)).join(", "));
  if (schema.minimum !== undefined) words.push("from " + schema.minimum);
  if (schema.maximum !== undefined) words.push("up to " + schema.maximum);
  if (schema.minLength > 1) words.push("at least " + schema.minLength + " characters");
  if (schema.maxLength !== undefined) words.push("at most " + schema.maxLength + " characters");
  if (schema.minItems) words.push("at least " + schema.minItems);
  if (schema.maxItems) words.push("at most " + schema.maxItems);
  if (schema.pattern) words.push("like " + schema.pattern);
  if (schema.default !== undefined) words.push("default " + JSON.stringify(schema.default));
  return words.join("; ");
}

// What there is to show below the type of a schema: its members, its choices, the schema of its items. Names already open are not repeated.
function below(schema, open) {
  if (schema.refName) {
    if (open.includes(schema.refName)) return null;
    open = [...open, schema.refName];
  }
  const parts = [];
  if (schema.properties) parts.push(members(schema, open));
  if (schema.items) parts.push(below(resolve(schema.items), open));
  for (const choice of schema.anyOf || schema.oneOf || []) {
    const resolved = resolve(choice);
    parts.push(make("div", "choice", make("span", "type", "either "), make("span", "type", typeWords(resolved) || "any value"),
      prose(resolved.description, "note"), below(resolved, open)));
  }
  return parts.some(Boolean) ? parts : null;
}

function members(schema, open) {
  const required = schema.required || [];
  return make("ul", "fields", Object.entries(schema.properties).map(([name, raw]) => {
    const member = resolve(raw);
    return make("li", "", make("span", "name", name), make("span", "type", typeWords(member) || "any value"),
      required.includes(name) ? make("span", "must", "required") : null, prose(member.description, "note"), below(member, open));
  }));
}

function drawSchema(raw, openRoot) {
  const schema = resolve(raw);
  return [make("p", "", make("span", "type", typeWords(schema) || "any of")), openRoot ? prose(schema.description, "note") : null, below(schema, [])];
}

// ---- Operations

function drawParameters(parameters) {
  if (!parameters.length) return null;
  return [make("h3", "", "Parameters"), make("ul", "fields", parameters.map((raw) => {
    const parameter = resolve(raw);
    return make("li", "", make("span", "name", parameter.name), make("span", "type", "in the " + parameter.in + "; " + typeWords(resolve(parameter.schema))),
      parameter.required ? make("span", "must", "required") : null, prose(parameter.description, "note"));
  }))];
}

function drawExamples(media) {
  return Object.entries(media.examples || {}).map(([name, example]) => [make("h4", "", example.summary || name), json(example.value)]);
}

function drawContent(content) {
  return Object.entries(content || {}).map(([type, media]) => [make("h4", "", type), drawSchema(media.schema, true), drawExamples(media)]);
}

function drawHeaders(headers) {
  if (!headers) return null;
  return [make("h4", "", "Fields"), make("ul", "fields", Object.entries(headers).map(([name, raw]) => {
    const header = resolve(raw);
    return make("li", "", make("span", "name", name), prose(header.description, "note"));
  }))];
}

function drawResponses(responses) {
  return [make("h3", "", "Answers"), Object.entries(responses).map(([status, raw]) => {
    const response = resolve(raw);
    const heading = [make("span", "status " + (status < "400" ? "good" : "bad"), status), make("span", "", inline(response.description))];
    return fold("response", heading, [drawContent(response.content), drawHeaders(response.headers)]);
  })];
}

function drawSecurity(security) {
  if (!security.length) return make("p", "note", "Open to everybody.");
  const words = security.map((entry) => Object.entries(entry).map(([name, scopes]) => name + (scopes.length ? " (" + scopes.join(", ") + ")" : "")).join(" and "));
  return make("p", "note", "Credentials: " + words.join(", or ") + ".");
}

function curlOf(method, path, operation) {
  const shown = path.replace("{id}", "$ID");
  const lines = ["curl" + (method === "get" ? "" : " -X " + method.toUpperCase()) + " \"" + location.origin + shown + "\""];
  if ((operation.security || spec.security || []).length) lines.push("-H \"X-api-key: $KEY\"");
  const content = operation.requestBody ? operation.requestBody.content : {};
  const firstOf = (type) => Object.values((content[type] || {}).examples || {})[0];
  const quoted = (text) => "'" + text.replace(/'/g, "'\\''") + "'";
  const form = firstOf("application/x-www-form-urlencoded");
  if (form) Object.entries(form.value).forEach(([name, value]) => lines.push("--data-urlencode " + quoted(name + "=" + value)));
  const example = firstOf("application/json");
  if (example) lines.push("-H 'Content-Type: application/json'", "-d " + quoted(JSON.stringify(example.value)));
  return make("pre", "", make("code", "", lines.join(" \\\n  ")));
}

function drawOperation(path, method, operation, shared) {
  const heading = [make("span", "method " + method, method.toUpperCase()), make("span", "path", path), make("span", "what", operation.summary)];
  const body = operation.requestBody;
  return fold("operation", heading, [
    prose(operation.description),
    make("p", "note", "operationId ", make("code", "", operation.operationId)),
    drawSecurity(operation.security || spec.security || []),
    curlOf(method, path, operation),
    drawParameters([...(shared || []), ...(operation.parameters || [])]),
    body ? [make("h3", "", "Body"), prose(body.description, "note"), drawContent(body.content)] : null,
    drawResponses(operation.responses),
  ], operation.operationId);
}

function operationsByTag() {
  const byTag = new Map((spec.tags || []).map((tag) => [tag.name, { about: tag.description, operations: [] }]));
  for (const [path, item] of Object.entries(spec.paths))
    for (const method of METHODS.filter((name) => item[name])) {
      const operation = item[method];
      byTag.get(operation.tags[0]).operations.push({ path, method, operation, shared: item.parameters });
    }
  return byTag;
}

// ---- The page

function link(target, ...children) {
  const node = make("a", "", children);
  node.href = "#" + target;
  return node;
}

function anchored(tag, id, text) {
  const node = make(tag, "", text);
  node.id = id;
  return node;
}

function drawSecuritySchemes() {
  return make("ul", "fields", Object.entries(spec.components.securitySchemes).map(([name, scheme]) => {
    const where = scheme.type === "apiKey" ? "field " + scheme.name : scheme.type === "http" ? "Authorization: Bearer" : "OAuth 2: Authorization: Bearer";
    const flows = Object.entries(scheme.flows || {}).map(([flow, about]) => make("p", "note", flow + ": " + Object.keys(about.scopes).join(", ")));
    return make("li", "", make("span", "name", name), make("span", "type", where), prose(scheme.description, "note"), flows);
  }));
}

function drawProblemCodes() {
  const row = (code) => make("tr", "", make("td", "", make("code", "", code.code)), make("td", "", String(code.status)), make("td", "", code.when));
  return make("div", "wide", make("table", "", make("thead", "", make("tr", "", make("th", "", "Code"), make("th", "", "Status"), make("th", "", "When"))),
    make("tbody", "", spec["x-problem-codes"].map(row))));
}

function draw() {
  document.title = spec.info.title;
  document.getElementById("title").replaceChildren(spec.info.title, make("small", "", spec.info.version));
  document.getElementById("tagline").textContent = spec.info.summary || "";
  const main = document.getElementById("main");
  const contents = document.getElementById("contents");

  main.append(anchored("h2", "about", "About"), ...prose(spec.info.description));
  main.append(anchored("h2", "credentials", "Credentials"), drawSecuritySchemes());
  main.append(anchored("h2", "operations", "Operations"));
  contents.append(make("ul", "", ["about", "credentials", "operations"].map((id) => make("li", "", link(id, id[0].toUpperCase() + id.slice(1))))));
  for (const [tag, group] of operationsByTag()) {
    main.append(make("h3", "", tag), ...prose(group.about, "note"));
    main.append(...group.operations.map((one) => drawOperation(one.path, one.method, one.operation, one.shared)));
    contents.append(make("strong", "", tag), make("ul", "", group.operations.map((one) => make("li", "",
      link(one.operation.operationId, make("span", "method " + one.method, one.method.toUpperCase() + " "), one.operation.operationId)))));
  }
  main.append(anchored("h2", "schemas", "Schemas"));
  main.append(...Object.keys(spec.components.schemas).map((name) =>
    fold("schema", make("span", "name", name), drawSchema({ $ref: "#/components/schemas/" + name }, true), "schema-" + name)));
  main.append(anchored("h2", "problems", "Problem codes"), make("p", "note", "The names under which the service's log and metrics count refusals."), drawProblemCodes());
  contents.append(make("ul", "", make("li", "", link("schemas", "Schemas")), make("li", "", link("problems", "Problem codes"))));
}

// A link to an operation opens it.
function openTarget() {
  const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  if (target instanceof HTMLDetailsElement) target.open = true;
  target.scrollIntoView();
}

async function start() {
  try {
    const answer = await fetch("../schema/", { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error("the service answered " + answer.status);
    spec = await answer.json();
    draw();
    openTarget();
    addEventListener("hashchange", openTarget);
    document.getElementById("contents").addEventListener("click", () => setTimeout(openTarget));
  } catch (problem) {
    document.getElementById("tagline").replaceChildren(make("span", "failure", "The document could not be shown: " + problem.message + "."));
  }
}

start();
