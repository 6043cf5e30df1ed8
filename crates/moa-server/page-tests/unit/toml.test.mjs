import assert from 'node:assert/strict';
import { test } from 'node:test';
import en from '../../page/strings/en.js';
import { presetToml } from '../../page/js/toml.js';
import { AGGREGATIONS } from '../../page/js/combining.js';
import { draftOf, inlineMixture, keptOf, missingModels, neighbour, problemOf, withAdded, withLayer, withMoved, withoutAgent, withoutLayer } from '../../page/js/editor-model.js';
import { mixture } from '../synthetic.mjs';

test('layers that are alike are written in the short form', () => {
  const draft = { name: 'mine', layers: [{ agents: [{ model: 'a' }, { model: 'b' }] }, { agents: [{ model: 'a' }, { model: 'b' }] }], aggregator: { model: 'c' } };
  assert.equal(presetToml(draft), '[presets.mine]\nlayers = 3\nproposers = ["a", "b"]\naggregator = "c"\n');
});

test('layers that differ are written one by one, behind the keys of the preset', () => {
  const draft = { name: 'mine', layers: [{ agents: [{ model: 'a' }] }, { agents: [{ model: 'b' }] }], aggregator: { model: 'c' }, residual: true };
  assert.equal(presetToml(draft), '[presets.mine]\naggregator = "c"\nresidual = true\n\n[[presets.mine.layer]]\nagents = ["a"]\n\n[[presets.mine.layer]]\nagents = ["b"]\n');
});

test('settings stand with the agent, or once where all have them alike', () => {
  const agent = (changes) => ({ model: 'a', temperature: 0.7, max_tokens: 512, ...changes });
  const draft = { name: 'x', layers: [{ agents: [agent({ name: 'one', system: 'say "no"\nor \\yes' }), agent({ temperature: 1 })] }], aggregator: agent({ max_tokens: 512 }) };
  assert.equal(presetToml(draft), [
    '[presets.x]', 'layers = 2',
    'proposers = [\n    { model = "a", name = "one", temperature = 0.7, system = "say \\"no\\"\\nor \\\\yes" },\n    { model = "a", temperature = 1.0 },\n]',
    'aggregator = { model = "a", temperature = 0.7 }', 'max-tokens = 512', '',
  ].join('\n'));
});

test('an aggregator alone is one layer', () => {
  assert.equal(presetToml({ name: 'alone', layers: [], aggregator: { model: 'c' } }), '[presets.alone]\nlayers = 1\naggregator = "c"\n');
});

test('a name that is no bare key is quoted', () => {
  assert.match(presetToml({ name: 'my "mix".1', layers: [], aggregator: { model: 'c' } }), /^\[presets\."my \\"mix\\"\.1"\]\n/);
});

const DRAFT = draftOf(mixture('m', [['a', 'b', 'b'], ['c']], 'd'));

test('a mixture becomes a draft, and given names only stay where they were chosen', () => {
  assert.deepEqual(DRAFT.layers[0].agents.map(({ name }) => name), [null, null, null]);
  assert.deepEqual(draftOf(mixture('m', [[{ model: 'a', name: 'critic' }]], 'd')).layers[0].agents[0].name, 'critic');
  assert.deepEqual(inlineMixture(DRAFT).layers[1], { agents: [{ model: 'c', temperature: 0.7, max_tokens: 512 }] });
});

test('a temperature is the one that was written, though the server has it in 32 bits', () => {
  const draft = draftOf(mixture('m', [[{ model: 'a', temperature: Math.fround(0.7) }, { model: 'b', temperature: 0 }]], 'd'));
  assert.deepEqual(draft.layers[0].agents.map(({ temperature }) => temperature), [0.7, 0]);
  assert.match(presetToml(draft), /temperature = 0\.7\b/);
});

const names = (draft) => draft.layers.map(({ agents }) => agents.map(({ model }) => model).join(''));

test('agents move within and between layers, and nothing else changes', () => {
  assert.deepEqual(names(withMoved(DRAFT, { layer: 0, place: 0 }, { layer: 0, place: 2 })), ['bba', 'c']);
  assert.deepEqual(names(withMoved(DRAFT, { layer: 0, place: 1 }, { layer: 1, place: 0 })), ['ab', 'bc']);
  assert.deepEqual(names(withAdded(DRAFT, { layer: 1, place: Infinity }, { model: 'x' })), ['abb', 'cx']);
  assert.deepEqual(names(withoutAgent(DRAFT, { layer: 0, place: 0 })), ['bb', 'c']);
  assert.deepEqual(names(withLayer(DRAFT)), ['abb', 'c', 'c']);
  assert.deepEqual(names(withoutLayer(DRAFT, 0)), ['c']);
  assert.deepEqual(names(DRAFT), ['abb', 'c']);
});

test('arrow keys lead where there is a way', () => {
  assert.deepEqual(neighbour(DRAFT, { layer: 0, place: 2 }, 'ArrowDown'), { layer: 1, place: 1 });
  assert.equal(neighbour(DRAFT, { layer: 0, place: 2 }, 'ArrowRight'), null);
  assert.equal(neighbour(DRAFT, { layer: 0, place: 0 }, 'ArrowUp'), null);
});

test('models that are known and not there are told, each once', () => {
  const models = [{ id: 'a', is_ready: true }, { id: 'b', is_ready: false }, { id: 'c' }];
  assert.deepEqual(missingModels(DRAFT, models), [models[1]]);
  assert.deepEqual(missingModels({ ...DRAFT, aggregator: { model: 'unknown' } }, [{ id: 'a', is_ready: true }]), []);
});

test('what cannot be asked is said', () => {
  assert.equal(problemOf(DRAFT), null);
  assert.equal(problemOf(withoutAgent(DRAFT, { layer: 1, place: 0 })).key, 'editor.problem.empty');
  assert.equal(problemOf({ ...DRAFT, min_proposals: 2 }).key, 'editor.problem.quorum');
});

const PLAIN = mixture('m', [['a'], ['b']], 'd');
const FULL = {
  ...PLAIN,
  layers: [{ ...PLAIN.layers[0], select: { by: { kind: 'rank', method: 'pairwise' }, keep: 2 } }, { ...PLAIN.layers[1], independent: true }],
  aggregation: { kind: 'choose', by: { kind: 'run_candidates' }, keep: 1, prefer: ['a'] },
  early_stop: { agreement: 1, measure: { by: 'examples' }, then: 'answer' },
  judge: PLAIN.aggregator,
  references: { shuffled: false, anonymous: true, without_outliers: true },
};

test('a draft keeps how its mixture combines and chooses, and asks for it in the words of the configuration', () => {
  const { layers, aggregation, early_stop: earlyStop, judge, set_aside_outliers: outliers } = inlineMixture(draftOf(FULL));
  assert.deepEqual(layers.map(({ select, independent }) => [select, independent]), [[{ kind: 'rank', method: 'pairwise', keep: 2 }, undefined], [undefined, true]]);
  assert.deepEqual(aggregation, { kind: 'run-candidates', prefer: ['a'] });
  assert.deepEqual(earlyStop, { agreement: 1, by: 'examples', then: 'answer' });
  assert.equal(judge.model, 'd');
  assert.equal(outliers, true);
  const said = (changes) => inlineMixture(draftOf({ ...PLAIN, ...changes }));
  assert.deepEqual(said({ aggregation: { kind: 'self_moa_seq', window: 3 } }).aggregation, { kind: 'self-moa-seq', window: 3 });
  assert.deepEqual(said({ aggregation: { kind: 'choose', by: { kind: 'certainty', measure: 'log_probability' }, keep: 1 } }).aggregation, { kind: 'certainty', measure: 'log-probability' });
  assert.deepEqual(said({ early_stop: { agreement: 0.6, measure: { by: 'answer', form: 'number' }, then: 'aggregate' } }).early_stop, { agreement: 0.6, answer: 'number' });
  assert.deepEqual(said({ early_stop: { agreement: 0.6, measure: { by: 'words' } } }).early_stop, { agreement: 0.6 });
  for (const key of ['aggregation', 'judge', 'early_stop', 'set_aside_outliers']) assert.ok(!(key in inlineMixture(draftOf(PLAIN))), key);
});

test('the TOML has all of it', () => {
  const written = presetToml(draftOf(FULL));
  for (const line of [
    'aggregation = { kind = "run-candidates", prefer = ["a"] }', 'judge = "d"', 'early-stop = { agreement = 1.0, by = "examples", then = "answer" }',
    'set-aside-outliers = true', 'select = { kind = "rank", method = "pairwise", keep = 2 }', 'independent = true',
  ]) assert.ok(written.includes(`${line}\n`), `${line}\n${written}`);
});

test('who was preferred and does not take part any more is not preferred', () => {
  const draft = withoutAgent(withAdded(draftOf(FULL), { layer: 0, place: 0 }, { model: 'x' }), { layer: 0, place: 1 });
  assert.deepEqual(inlineMixture(draft).aggregation, { kind: 'run-candidates' });
});

test('a draft says what the editor does not show or cannot hold', () => {
  assert.deepEqual([DRAFT.left_out, keptOf(DRAFT)], [[], []]);
  const draft = draftOf(FULL);
  assert.deepEqual(draft.left_out, ['references']);
  assert.deepEqual(keptOf(draft), ['aggregation', 'early-stop', 'select', 'independent', 'judge', 'outliers']);
  assert.deepEqual(keptOf({ ...DRAFT, aggregation: { kind: 'vote' } }), []);
  for (const part of [...draft.left_out, ...keptOf(draft)]) assert.ok(`editor.part.${part}` in en, part);
  for (const kind of AGGREGATIONS) assert.ok(`editor.aggregation.${kind}` in en, kind);
});
