/** Plain DOM with less ceremony. Text is always set as text, never as markup. */

type Child = Node | string | null;

interface Options<Tag extends keyof HTMLElementTagNameMap> {
  properties?: Partial<HTMLElementTagNameMap[Tag]>;
  attributes?: Record<string, string>;
}

/** A new element with properties, attributes and children; `null` children are left out. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  { properties = {}, attributes = {} }: Options<Tag> = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const made = Object.assign(document.createElement(tag), properties);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** A paragraph, optionally of a class. */
export function paragraph(text: string, className = ''): HTMLParagraphElement {
  return element('p', { properties: { className } }, text);
}

/** A link. */
export function link(text: string, href: string, className = ''): HTMLAnchorElement {
  return element('a', { properties: { href, className } }, text);
}

/** A push button that runs `onPress`. */
export function button(text: string, onPress: () => void, className = ''): HTMLButtonElement {
  return element('button', { properties: { type: 'button', className, onclick: onPress } }, text);
}

export interface Choice<Value extends string> {
  value: Value;
  label: string;
}

/** A group of radio buttons, drawn as one switch; the browser gives it its keyboard. */
export function choiceGroup<Value extends string>(
  { name, label, choices, chosen, onChoose }: {
    name: string;
    label: string;
    choices: readonly Choice<Value>[];
    chosen: Value;
    onChoose: (value: Value) => void;
  },
): HTMLFieldSetElement {
  const options = choices.map(({ value, label: text }) =>
    element('label', {},
      element('input', {
        properties: { type: 'radio', name, value, checked: value === chosen, onchange: () => onChoose(value) },
      }),
      element('span', {}, text),
    ));
  return element('fieldset', { properties: { className: 'choice' } },
    element('legend', { properties: { className: 'unseen' } }, label), ...options);
}

/** Mark `value` as chosen in a group made by `choiceGroup`. */
export function choose(group: HTMLFieldSetElement, value: string): void {
  for (const input of group.querySelectorAll('input')) input.checked = input.value === value;
}
