// The look of the report page: one set of colours for light, one for dark, and a layout that folds on a phone.

export const pageStyle = `
:root {
  --ground: #f6f7f9; --card: #ffffff; --ink: #1a1f29; --quiet: #5b6472; --rule: #dfe3e9;
  --good: #1d7a4b; --good-soft: #d3efdf; --bad: #b3261e; --bad-soft: #f9dcda;
  --warning: #8a5a00; --warning-soft: #fbeac6; --neutral: #41536e; --neutral-soft: #e1e8f2;
  --phase-1: #5b6fb5; --phase-2: #2f8f9d; --phase-3: #c2803a; --phase-4: #7d5ba6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12151b; --card: #1b2029; --ink: #e8ebf0; --quiet: #9aa5b4; --rule: #303744;
    --good: #6fd19b; --good-soft: #17402c; --bad: #ff9b92; --bad-soft: #55211e;
    --warning: #f0c26b; --warning-soft: #49370f; --neutral: #b4c4dd; --neutral-soft: #2a3547;
    --phase-1: #8797d8; --phase-2: #57b6c3; --phase-3: #dba265; --phase-4: #a98bd0;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 1200px; margin: 0 auto; padding: 24px 20px 64px; display: grid; gap: 20px; grid-template-columns: minmax(0, 1fr); }
section, .verdict, .tile { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 18px 20px; }
h1 { font-size: 30px; line-height: 1.2; margin: 4px 0 8px; }
h2 { font-size: 18px; margin: 0 0 12px; }
p { margin: 0 0 6px; max-width: 75ch; }
.quiet, .kicker { color: var(--quiet); }
.kicker, .verdict .quiet { font-size: 14px; }
.verdict { border-left: 6px solid var(--good); }
.verdict.failed { border-left-color: var(--bad); }
.verdict h1 { color: var(--good); }
.verdict.failed h1 { color: var(--bad); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(190px, 1fr)); gap: 12px; margin: 0; }
.tile { padding: 14px 16px; }
.tile dt { color: var(--quiet); font-size: 14px; }
.tile dd { margin: 0; }
.tile strong { display: block; font-size: 26px; line-height: 1.3; font-variant-numeric: tabular-nums; }
.tile span { font-size: 13px; line-height: 1.35; display: block; }
.phases { display: flex; height: 22px; gap: 2px; border-radius: 6px; overflow: hidden; margin-bottom: 12px; }
.phases div { min-width: 3px; }
.phase-1 { background: var(--phase-1); } .phase-2 { background: var(--phase-2); }
.phase-3 { background: var(--phase-3); } .phase-4 { background: var(--phase-4); }
.key { list-style: none; margin: 8px 0 0; padding: 0; display: flex; flex-wrap: wrap; gap: 6px 20px; font-size: 14px; }
.swatch { display: inline-block; width: 11px; height: 11px; border-radius: 3px; margin-right: 7px; }
.swatch.acknowledged { background: var(--good); } .swatch.unknown { background: var(--warning); } .swatch.refused { background: var(--bad); }
.scroll { overflow-x: auto; }
svg { display: block; width: 100%; min-width: 860px; height: auto; }
svg text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: var(--ink); }
svg .label { fill: var(--quiet); font-weight: 600; paint-order: stroke; stroke: var(--card); stroke-width: 5px; }
svg .quiet { fill: var(--quiet); }
.axis text { fill: var(--quiet); }
.grid { stroke: var(--rule); stroke-width: 1; }
.failure line { stroke: var(--bad); stroke-width: 1.5; stroke-dasharray: 4 3; }
.failure text { fill: var(--bad); font-weight: 600; }
.tone-good rect { fill: var(--good-soft); stroke: var(--good); } .tone-good text { fill: var(--good); }
.tone-bad rect { fill: var(--bad-soft); stroke: var(--bad); } .tone-bad text { fill: var(--bad); }
.tone-warning rect { fill: var(--warning-soft); stroke: var(--warning); } .tone-warning text { fill: var(--warning); }
.tone-neutral rect { fill: var(--neutral-soft); stroke: var(--neutral); } .tone-neutral text { fill: var(--neutral); }
.band rect { stroke-width: 0.75; }
.step rect { stroke-width: 1; }
svg .step text { fill: var(--ink); paint-order: stroke; stroke: var(--card); stroke-width: 4px; stroke-linejoin: round; }
.clients .acknowledged { fill: var(--good); } .clients .unknown { fill: var(--warning); } .clients .refused { fill: var(--bad); }
.base { stroke: var(--quiet); stroke-width: 1; }
table { width: 100%; border-collapse: collapse; font-size: 15px; }
th { white-space: nowrap; text-align: left; color: var(--quiet); font-weight: 600; font-size: 13px; }
th, td { padding: 7px 12px 7px 0; border-bottom: 1px solid var(--rule); vertical-align: top; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
tr:last-child td { border-bottom: 0; }
code { font: 13.5px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.nowrap { white-space: nowrap; }
td:last-child { width: 40%; }
.mark:empty { display: inline-block; width: 9px; height: 9px; border-radius: 50%; margin-right: 8px; background: currentColor; }
.mark { font-weight: 600; }
.mark.good { color: var(--good); } .mark.bad { color: var(--bad); } .mark.warning { color: var(--warning); } .mark.neutral { color: var(--neutral); }
@media (max-width: 640px) {
  main { padding: 12px 10px 40px; gap: 12px; }
  section, .verdict { padding: 14px; }
  h1 { font-size: 24px; }
  .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 8px; }
  thead { display: none; }
  tr { display: block; padding: 8px 0; border-bottom: 1px solid var(--rule); }
  tr:last-child { border-bottom: 0; }
  td { display: grid; grid-template-columns: 84px minmax(0, 1fr); gap: 10px; border: 0; padding: 2px 0; }
  td:last-child { width: auto; }
  td:empty { display: none; }
  td > * { justify-self: start; }
  .tile:last-child:nth-child(odd) { grid-column: span 2; }
  td::before { content: attr(data-label); color: var(--quiet); font-size: 13px; }
}
@media print { body { background: none; } section, .verdict, .tile { break-inside: avoid; } }
`;
