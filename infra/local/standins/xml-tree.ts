// Reading XML that SDK clients send: elements and text, no attributes that matter, no mixed content.

export type XmlElement = { name: string; text: string; children: XmlElement[] };

/** The root element. Throws on what is not well-formed. */
export function parseXml(source: string): XmlElement {
  const root: XmlElement = { name: '', text: '', children: [] };
  const open: XmlElement[] = [root];
  const pattern = /<\?[^>]*\?>|<!--[\s\S]*?-->|<(\/?)([^\s/>]+)[^>]*?(\/?)>|([^<]+)/g;
  for (const [token, closes, name, empty, text] of source.matchAll(pattern)) {
    const current = open.at(-1);
    if (!current) throw new Error(`XML goes on after its root element, at ${token}`);
    if (text !== undefined) current.text += unescapeXml(text);
    if (name === undefined) continue;
    if (closes) {
      if (current.name !== name) throw new Error(`XML closes ${name} where ${current.name} is open`);
      open.pop();
      continue;
    }
    const element: XmlElement = { name, text: '', children: [] };
    current.children.push(element);
    if (!empty) open.push(element);
  }
  const [only] = root.children;
  if (open.length !== 1 || !only) throw new Error('XML ends before its root element does');
  return only;
}

/** The first child of that name; null when there is none. */
export function child(element: XmlElement, name: string): XmlElement | null {
  return element.children.find((candidate) => candidate.name === name) ?? null;
}

export function childText(element: XmlElement, name: string): string | null {
  return child(element, name)?.text ?? null;
}

function unescapeXml(text: string): string {
  const named: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text.replace(/&(#x[0-9a-fA-F]+|#\d+|\w+);/g, (whole, entity: string) => {
    if (entity.startsWith('#x')) return String.fromCodePoint(Number.parseInt(entity.slice(2), 16));
    if (entity.startsWith('#')) return String.fromCodePoint(Number(entity.slice(1)));
    return named[entity] ?? whole;
  });
}
