// A rough stand-in for the server's analysis, good enough to draw.

import { diffTexts, words } from '../page/js/parts/diff.js';
import { answerOf, callsOf, isRead } from '../page/js/run-model.js';

/** @param {object} run  Of the page's run model. @returns {object} As `GET /api/runs/{id}/analysis`. */
export function analysisOf(run) {
  const answer = answerOf(run);
  const proposals = callsOf(run).filter((call) => call.id.layer <= run.mixture.layers.length && isRead(call, run));
  return {
    proposals: proposals.map((call) => ({ layer: call.id.layer, agent: call.agent, model: call.model, similarity: similarity(answer, call.outcome.text) })),
    spans: spansOf(answer, proposals),
    agents: agentsOf(run),
  };
}

function similarity(answer, proposal) {
  const parts = diffTexts(proposal, answer);
  const length = (kind) => parts.filter((part) => part.kind === kind).reduce((sum, part) => sum + part.text.length, 0);
  const same = length('same');
  const levenshtein = same / Math.max(1, same + Math.max(length('added'), length('removed')));
  const set = (text) => new Set(words(text.toLowerCase()).filter((word) => /\w/.test(word)));
  const [a, b] = [set(answer), set(proposal)];
  const shared = [...a].filter((word) => b.has(word)).length;
  return { bleu: levenshtein ** 1.5, tf_idf: shared / Math.max(1, Math.sqrt(a.size * b.size)), levenshtein };
}

/** Greedy: the longest run of words that some proposal has, at least three. */
function spansOf(answer, proposals) {
  const pieces = words(answer);
  const spans = [];
  let offset = 0;
  let fresh = 0;
  const flush = (end) => {
    if (end > fresh) spans.push({ start: fresh, end, source: null });
  };
  for (let at = 0; at < pieces.length;) {
    let best = { length: 0, call: null };
    for (const call of proposals) {
      let length = 0;
      let text = '';
      while (at + length < pieces.length && call.outcome.text.includes(text + pieces[at + length])) {
        text += pieces[at + length];
        length += 1;
      }
      if (length > best.length) best = { length, call };
    }
    const taken = best.length >= 6 ? best.length : 1;
    const text = pieces.slice(at, at + taken).join('');
    if (best.length >= 6) {
      flush(offset);
      spans.push({ start: offset, end: offset + text.length, source: { layer: best.call.id.layer, agent: best.call.agent } });
      fresh = offset + text.length;
    }
    offset += text.length;
    at += taken;
  }
  flush(answer.length);
  return spans;
}

function agentsOf(run) {
  const names = [...new Set(callsOf(run).map((call) => call.agent))];
  return names.map((agent) => {
    const calls = callsOf(run).filter((call) => call.agent === agent && call.outcome?.text);
    return {
      agent,
      answers: calls.map((call, place) => ({
        layer: call.id.layer, text: call.outcome.text,
        diff: place === 0 ? [] : diffTexts(calls[place - 1].outcome.text, call.outcome.text),
      })),
    };
  });
}
