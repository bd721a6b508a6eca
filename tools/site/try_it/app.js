// The form, the address, and what comes back. The question stands in the address, so that a link carries it.
const form = document.querySelector("#question");
const state = document.querySelector("#state");
const button = form.querySelector("button");
const worker = new Worker("worker.js", { type: "module" });
const waiting = new Map();

worker.onmessage = ({ data: { id, answer, failure } }) => {
  const { keep, drop } = waiting.get(id);
  waiting.delete(id);
  if (failure === undefined) keep(answer);
  else drop(new Error(failure));
};
worker.onerror = (problem) => {
  for (const { drop } of waiting.values()) drop(new Error(problem.message || "Python did not load"));
};

const ask = (call, argument) =>
  new Promise((keep, drop) => {
    const id = crypto.getRandomValues(new Uint32Array(1))[0];
    waiting.set(id, { keep, drop });
    worker.postMessage({ id, call, argument });
  });

const say = (text, wrong = false) => {
  state.textContent = text;
  state.classList.toggle("wrong", wrong);
};

const option = (value, label = value) => Object.assign(document.createElement("option"), { value, textContent: label });

const asked = () => {
  const fields = new FormData(form);
  const question = Object.fromEntries(fields);
  question.needs = fields.getAll("needs");
  return question;
};

const address = () => {
  const said = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value !== "") said.append(name, value);
  return `?${said}`;
};

const fill = (said) => {
  if ([...said].length === 0) return;
  for (const field of form.elements) {
    if (!field.name) continue;
    if (field.type === "checkbox") field.checked = said.getAll(field.name).includes(field.value);
    else field.value = said.get(field.name) ?? (field.tagName === "SELECT" ? field.options[0].value : "");
  }
};

const answer = async () => {
  button.disabled = true;
  say("Working …");
  try {
    const found = await ask("answer", JSON.stringify(asked()));
    document.querySelector("#answer").hidden = Boolean(found.error);
    if (found.error) return say(found.error, true);
    // What the library writes is escaped there: names and addresses from the catalog cannot become markup.
    for (const part of ["recommendation", "flips", "comparison"])
      document.querySelector(`#${part}`).innerHTML = found[part];
    document.querySelector("#code").textContent = found.code;
    document.querySelector("#link").href = address();
    say(`Answer: ${found.chosen}`);
  } catch (problem) {
    say(`Something went wrong: ${problem.message}`, true);
  } finally {
    button.disabled = false;
  }
};

form.addEventListener("submit", (event) => {
  event.preventDefault();
  history.pushState(null, "", address());
  answer();
});
addEventListener("popstate", () => {
  fill(new URLSearchParams(location.search));
  answer();
});

try {
  const known = await ask("choices");
  for (const [name, title] of known.presets) form.preset.append(option(name, title || name));
  for (const task of known.tasks) form.task.append(option(task));
  for (const model of known.models) document.querySelector("#known-models").append(option(model));
  document.querySelector("#how-many").textContent = `Version ${known.version}; ${known.edition}`;
  fill(new URLSearchParams(location.search));
  await answer();
} catch (problem) {
  say(`Python did not load: ${problem.message}. This page needs a file server, such as: python -m http.server`, true);
}
