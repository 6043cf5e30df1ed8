// What the development server answers. A word in brackets within the question chooses what happens; without one it is a plain answer.

import { mixture, syntheticRun } from './synthetic.mjs';

const SMALL = ['smollm2-135m-instruct', 'qwen2.5-coder-0.5b-instruct', 'qwen2.5-coder-1.5b-instruct'];
const LARGE = ['wizardlm-2-8x22b', 'qwen1.5-110b-chat', 'qwen1.5-72b-chat', 'llama-3-70b-instruct', 'mixtral-8x22b-instruct', 'dbrx-instruct'];

export const PRESETS = [
  { name: 'local', description: 'Three small local models propose, the largest one aggregates', mixture: mixture('local', [SMALL, SMALL], SMALL[2]) },
  { name: 'tiny', description: 'Two of the smallest local models: quick, to try things out', mixture: mixture('tiny', [SMALL.slice(0, 2)], SMALL[1]) },
  { name: 'self-moa', description: 'One local model, sampled six times and aggregated by itself', mixture: mixture('self-moa', [Array(6).fill(SMALL[2])], SMALL[2]) },
  { name: 'moa', description: 'The paper’s MoA: six open models twice, Qwen1.5 110B aggregates', mixture: mixture('moa', [LARGE, LARGE], LARGE[1]) },
];

export const MODELS = [
  ...SMALL.map((id, place) => ({ id, kind: 'local', endpoint: null, is_ready: true, size_bytes: [98_362_432, 491_400_064, 1_117_320_768][place], licence: 'apache-2.0', parameters: [135e6, 494e6, 1540e6][place] })),
  { id: 'llama-3.2-1b-instruct', kind: 'local', endpoint: null, is_ready: false, size_bytes: 807_694_464, licence: 'llama3.2', parameters: 1.24e9 },
  ...LARGE.map((id) => ({ id, kind: 'remote', endpoint: 'together', is_ready: null, size_bytes: null, licence: null, parameters: null })),
  { id: 'gpt-4o', kind: 'remote', endpoint: 'openai', is_ready: null, size_bytes: null, licence: null, parameters: null },
];

const ANSWERS = [
  'The sky is blue because air molecules scatter short waves of sunlight more strongly than long ones. At sunset the light passes through more air, so most of the blue is scattered away and red remains.',
  'During the day the sky is blue due to Rayleigh scattering: blue light is scattered far more than red light. At sunset the sun is low, the light crosses a longer path through the atmosphere, and mostly red and orange reach the eye.',
  'Sunlight contains all colours. Air molecules scatter short waves of sunlight in all directions, and that is why we see blue overhead. When the sun is low, the long path removes the blue and leaves red.',
];
const FINAL = 'The sky is blue because **air molecules scatter short waves of sunlight** more strongly than long ones (Rayleigh scattering).\n\nAt sunset the light crosses a longer path through the atmosphere:\n\n1. most of the blue is scattered away,\n2. mostly red and orange reach the eye.\n\n> In short: the longer the path, the redder the light.';
const JAPANESE = '空が青いのは、空気の分子が波長の短い光を強く散乱するためです(レイリー散乱)。夕方は光が大気の中を長く通るので、青い光は途中で散乱され、赤い光が目に届きます。';
const HOSTILE = 'Here it is: <script>window.hacked = 1</script> <img src=x onerror="window.hacked = 2"> [press](javascript:window.hacked=3) <svg onload=window.hacked=4> <style>body{display:none}</style>\n\n<iframe srcdoc="<script>parent.hacked=5</script>"></iframe>';

const rateLimited = { kind: 'rate_limited', message: 'together refused the request with status 429: too many requests', advice: { after_ms: 600 } };
const notFound = { kind: 'model_not_found', message: "together knows no model 'databricks/dbrx-instruct'", hint: 'it may have been retired; one line under [models] replaces it in every preset, such as "dbrx-instruct" = "deepseek-v3"' };

/**
 * @param {{id: string, mixture: object, messages: object[], scenario?: string}} run  `scenario` is what happens where the question names nothing.
 * @returns {object[]} Its events.
 */
export function eventsFor(run) {
  const question = run.messages.findLast(({ role }) => role === 'user')?.content ?? '';
  const wanted = /\[(\w+)\]/.exec(question)?.[1] ?? run.scenario ?? 'plain';
  const isJapanese = /[\u3040-\u30ff]/.test(question);
  const plain = ({ layer, agent, role }) => {
    if (role === 'aggregator') return { text: isJapanese ? JAPANESE : FINAL, tokenMs: 12, startMs: 15 };
    const text = isJapanese ? JAPANESE.slice(0, 60 + 10 * agent) + '。'.repeat(layer - 1) : layer === 1 ? ANSWERS[(agent - 1) % 3] : improved(agent);
    return { text, tokenMs: 6 + 4 * agent, startMs: 10 + 8 * agent };
  };
  return (SCENARIOS[wanted] ?? SCENARIOS.plain)(run, plain);
}

function improved(agent) {
  return ANSWERS[(agent - 1) % 3].replace('The sky', 'In clear weather the sky').replace('Sunlight contains all colours.', 'Sunlight is a mix of all colours.').replace('reach the eye', 'reach your eyes');
}

const SCENARIOS = {
  plain: (run, plain) => syntheticRun({ ...run, answer: plain }),
  slow: (run, plain) => syntheticRun({ ...run, answer: (call) => ({ ...plain(call), text: `${plain(call).text} `.repeat(20), tokenMs: 60 }) }),
  fail: (run, plain) => syntheticRun({
    ...run,
    answer: (call) => (call.agent === 1 ? { ...plain(call), failure: { ...notFound, message: `the endpoint knows no model '${call.name}'` }, text: '' } : { ...plain(call), text: '', failure: { kind: 'connect_timeout', message: 'connecting to 127.0.0.1:11434 took longer than 5 s', hint: 'is the server running?' } }),
    failure: { kind: 'too_few_proposals', message: 'layer 1 has 0 answers, but at least 1 is needed', hint: 'look at the reasons on the cards; `moa doctor` checks endpoints and models' },
  }),
  states: (run, plain) => syntheticRun({
    ...run,
    outcome: { degraded: true },
    answer: (call) => {
      const does = { ...plain(call), endpoint: call.layer === 1 ? 'together' : 'local', costUsd: 0.00042 * call.agent };
      if (call.role === 'aggregator') return does;
      if (call.layer === 1 && call.agent === 1) return { ...does, retries: [{ attempt: 1, failure: rateLimited, wait_ms: 600 }] };
      if (call.layer === 1 && call.agent === 2) return { ...does, hedged: true, status: 'partial', failure: { kind: 'idle_timeout', message: 'no token came for 30 s', hint: 'raise idle-timeout of the endpoint' } };
      if (call.layer === 1 && call.agent === 3) return { ...does, setAside: true };
      if (call.layer === 1 && call.agent === 4) return { ...does, reused: true };
      if (call.layer === 1 && call.agent === 5) return { ...does, status: 'dropped', failure: { kind: 'straggler', message: 'the layer had enough answers and waited 10 s' } };
      if (call.layer === 1 && call.agent === 6) return { ...does, text: '', failure: notFound };
      if (call.agent === 1) return { ...does, shortened: { original_tokens: 9120, fitted_tokens: 8100, limit_tokens: 8192, references: [{ layer: 1, agent: 'x', original_chars: 900, kept_chars: 400 }] } };
      if (call.agent === 2) return { ...does, reasoning: 'The user wants a short paragraph. The proposals agree on scattering.', warning: 'the chat template was replaced' };
      return does;
    },
  }),
  script: (run, plain) => syntheticRun({ ...run, answer: (call) => ({ ...plain(call), text: HOSTILE }) }),
  long: (run, plain) => syntheticRun({
    ...run,
    // A hundred thousand tokens in all, as fast as a very fast endpoint writes them.
    answer: (call) => ({ ...plain(call), text: longText(call.role === 'aggregator' ? 40_000 : 60_000 / run.mixture.layers.flatMap(({ agents }) => agents).length), tokenMs: 0.12, startMs: 2 }),
  }),
};

function longText(words) {
  const paragraph = `${ANSWERS[0]} ${ANSWERS[1]}`.split(' ');
  const all = Array.from({ length: words }, (_, place) => {
    const word = paragraph[place % paragraph.length];
    return place % 180 === 0 ? `\n\n## Part ${place / 180 + 1}\n\n${word}` : place % 60 === 30 ? `\n\n- **${word}**` : place % 60 === 45 ? `\n\n${word}` : word;
  });
  return all.join(' ');
}
