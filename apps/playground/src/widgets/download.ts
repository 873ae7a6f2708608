/** The data must stay for this long, because a browser may first ask where to save the file. */
const keptMs = 60_000;

/** Downloads a text as a file. */
export function downloadText(name: string, content: { text: string; type: string }): void {
  const url = URL.createObjectURL(new Blob([content.text], { type: content.type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  // Some browsers ignore a click on a link outside of the document.
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), keptMs);
}
