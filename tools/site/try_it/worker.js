// Python, away from the page, so that it stays alive while Python works.
import { loadPyodide } from "./pyodide/pyodide.mjs";

const bytes = async (name) => {
  const answer = await fetch(name);
  if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
  return answer.arrayBuffer();
};

const ready = (async () => {
  const python = await loadPyodide({ indexURL: new URL("./pyodide/", import.meta.url).href });
  const wheels = await (await fetch("wheels.json")).json();
  for (const wheel of wheels) python.unpackArchive(await bytes(wheel), "whl");
  python.FS.writeFile("ask.py", new Uint8Array(await bytes("ask.py")));
  return python.pyimport("ask");
})();

self.onmessage = async ({ data: { id, call, argument } }) => {
  try {
    const ask = await ready;
    const text = argument === undefined ? ask[call]() : ask[call](argument);
    self.postMessage({ id, answer: JSON.parse(text) });
  } catch (problem) {
    self.postMessage({ id, failure: String(problem) });
  }
};
