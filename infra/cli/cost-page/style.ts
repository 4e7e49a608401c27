// The look of the page: colours for light and for dark, a layout that folds on a phone, and what changes on paper.
import { costCategories } from '../../../shared/model/cost.ts';

const light = `
  --ground: #f5f6f8; --card: #ffffff; --ink: #1a1f29; --quiet: #59626f; --rule: #dde2e8; --hatch: #c3cad4; --gap: #f7e3c8;
  --aws: #b4540a; --gcp: #1f62c4; --all: #1a1f29; --ahead: #6b5aa8; --band: #e6e0f5;
  --good: #1d7a4b; --warn: #8a5a00; --warn-soft: #fdf1d8; --over: #b3261e; --under: #1f62c4;
  --compute: #2c5f8a; --kubernetes: #5b8fb9; --database: #7a4a86; --cache: #a97cb4; --storage: #2f7d6b; --network: #b26a1f; --other: #707a86;
  --on-bar: #ffffff; --save-high: #1d7a4b; --save-medium: #6aa888; --save-low: #b9d3c5;`;

const dark = `
  --ground: #12151b; --card: #1b2029; --ink: #e8ebf0; --quiet: #a0aab8; --rule: #323a47; --hatch: #475164; --gap: #4a3a1c;
  --aws: #f0a35e; --gcp: #7fb0f5; --all: #f2f4f8; --ahead: #b9a8ee; --band: #332d4d;
  --good: #6fd19b; --warn: #f0c26b; --warn-soft: #3a2f16; --over: #ff9b92; --under: #8ab6f7;
  --compute: #6ea6d6; --kubernetes: #9cc5e6; --database: #bf8fcc; --cache: #dcbce4; --storage: #68bda8; --network: #e2a25c; --other: #a3adb9;
  --on-bar: #10141a; --save-high: #6fd19b; --save-medium: #4b9570; --save-low: #35604b;`;

export const pageStyle = `
:root {${light}
}
@media (prefers-color-scheme: dark) { :root {${dark}
} }
@media print { :root {${light}
} }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 1040px; margin: 0 auto; padding: 24px 20px 64px; display: grid; gap: 18px; grid-template-columns: minmax(0, 1fr); }
section, .tile { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 18px 20px; }
h1 { font-size: 29px; line-height: 1.2; margin: 0 0 4px; }
h2 { font-size: 19px; margin: 0 0 10px; }
h3 { font-size: 16px; margin: 18px 0 6px; }
p { margin: 0 0 8px; max-width: 75ch; }
.quiet { color: var(--quiet); font-size: 14.5px; }
.good { color: var(--good); font-weight: 600; }
.findings { margin: 10px 0 0; padding: 12px 16px 12px 34px; background: var(--warn-soft); border-radius: 10px; overflow-wrap: anywhere; }
.findings li + li { margin-top: 6px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 0; }
.tile { padding: 13px 16px; }
.tile dt { color: var(--quiet); font-size: 14px; }
.tile dd { margin: 0; }
.tile strong { display: block; font-size: 25px; line-height: 1.3; font-variant-numeric: tabular-nums; }
.tile span { display: block; font-size: 13.5px; line-height: 1.35; }
.scroll { overflow-x: auto; margin-bottom: 8px; }
svg { display: block; width: 100%; min-width: 600px; height: auto; }
svg text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: var(--ink); }
svg .quiet { fill: var(--quiet); font-size: 12.5px; }
svg .strong { font-weight: 650; }
svg .on-bar { fill: var(--on-bar); }
.grid { stroke: var(--rule); }
${costCategories.map((name) => `.fill-${name} { fill: var(--${name}); } .swatch-${name} { background: var(--${name}); }`).join('\n')}
.way { stroke-width: 3; } .way.calm { stroke: var(--good); } .way.over { stroke: var(--over); } .way.under { stroke: var(--under); }
.dot.calm { fill: var(--good); } .dot.over { fill: var(--over); } .dot.under { fill: var(--under); }
.ring { fill: var(--card); fill-opacity: 0.01; stroke: var(--ink); stroke-width: 1.8; }
svg .calm-text { fill: var(--good); } svg .over-text { fill: var(--over); font-weight: 600; } svg .under-text { fill: var(--under); font-weight: 600; }
path { fill: none; stroke-linejoin: round; }
.line-all { stroke: var(--all); stroke-width: 2.4; }
.line-aws { stroke: var(--aws); stroke-width: 1.8; } .line-gcp { stroke: var(--gcp); stroke-width: 1.8; stroke-dasharray: 7 3; }
.line-ahead { stroke: var(--ahead); stroke-width: 2; stroke-dasharray: 3 4; }
path.band { fill: var(--band); }
svg .name-aws { fill: var(--aws); font-weight: 600; } svg .name-gcp { fill: var(--gcp); font-weight: 600; } svg .name-all { font-weight: 600; }
.point { fill: var(--all); stroke: var(--all); stroke-width: 1.6; } .point.estimated { fill: var(--card); }
.hatch { stroke: var(--hatch); stroke-width: 3; }
.missing-day { fill: var(--gap); }
.pointer { stroke: var(--over); stroke-width: 1.4; } .flag { fill: var(--over); } svg .on-flag { fill: var(--card); font-size: 11.5px; font-weight: 700; }
.saving.high { fill: var(--save-high); } .saving.medium { fill: var(--save-medium); } .saving.low { fill: var(--save-low); }
.key { list-style: none; margin: 4px 0 8px; padding: 0; display: flex; flex-wrap: wrap; gap: 4px 20px; font-size: 14px; }
.sample { display: inline-block; width: 13px; height: 13px; margin-right: 7px; vertical-align: -1px; border-radius: 3px; }
.sample.full, .sample.hollow { border-radius: 50%; border: 2px solid var(--all); width: 11px; height: 11px; } .sample.full { background: var(--all); }
.sample.hatched { background: repeating-linear-gradient(45deg, var(--hatch) 0 3px, transparent 3px 6px); border: 1px solid var(--hatch); }
.sample.gap { background: var(--gap); border: 1px solid var(--rule); } .sample.ahead { height: 0; width: 18px; border-top: 3px dotted var(--ahead); vertical-align: 4px; border-radius: 0; }
.saving-high { background: var(--save-high); } .saving-medium { background: var(--save-medium); } .saving-low { background: var(--save-low); }
table { width: 100%; border-collapse: collapse; font-size: 14.5px; }
th { text-align: left; color: var(--quiet); font-weight: 600; font-size: 13px; }
th, td { padding: 6px 14px 6px 0; border-bottom: 1px solid var(--rule); vertical-align: top; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
tr:last-child td { border-bottom: 0; }
summary { cursor: pointer; padding: 5px 0; color: var(--quiet); }
.opportunity summary { color: var(--ink); font-weight: 600; }
.reckoning { font-variant-numeric: tabular-nums; }
code { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
@media (max-width: 640px) {
  main { padding: 14px 10px 40px; gap: 12px; }
  section { padding: 14px; }
  h1 { font-size: 24px; }
  .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 8px; }
  .tile { padding: 10px 12px; } .tile strong { font-size: 21px; }
  thead { display: none; }
  tr { display: block; padding: 7px 0; border-bottom: 1px solid var(--rule); }
  tr:last-child { border-bottom: 0; }
  td { display: grid; grid-template-columns: 84px minmax(0, 1fr); gap: 10px; border: 0; padding: 2px 0; }
  td > * { justify-self: start; }
  td:empty { display: none; }
  td::before { content: attr(data-label); color: var(--quiet); font-size: 13px; }
  td[data-label=""] { display: block; font-weight: 600; }
  td[data-label=""]::before { content: none; }
}
@media print {
  body { background: none; font-size: 12.5px; }
  .quiet, table, .key { font-size: 12px; }
  /* A grid is not broken between pages as blocks are. */
  main { display: block; padding: 0; }
  section { border: 0; padding: 10px 0; }
  .scroll, .tile, tr, li { break-inside: avoid; }
  h2, h3, summary, section > p:has(+ .scroll) { break-after: avoid; }
  .tiles { grid-template-columns: repeat(3, minmax(0, 1fr)); margin: 12px 0; }
  * { print-color-adjust: exact; }
}
`;
