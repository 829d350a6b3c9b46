/** Reading aloud, where the browser has a voice for it. */

export const canSpeak = 'speechSynthesis' in window;

/** Read some texts aloud in a language, instead of what is being read. */
export function speak(texts: readonly string[], language: string): void {
  speechSynthesis.cancel();
  for (const text of texts) {
    speechSynthesis.speak(Object.assign(new SpeechSynthesisUtterance(text), { lang: language }));
  }
}

export function beSilent(): void {
  if (canSpeak) speechSynthesis.cancel();
}
