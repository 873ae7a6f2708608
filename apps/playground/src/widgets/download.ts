/** A browser may ask first where to put the file, and read the data after that. */
const keptMs = 60_000;

/** Gives the user a text as a file. */
export function downloadText(name: string, content: { text: string; type: string }): void {
  const url = URL.createObjectURL(new Blob([content.text], { type: content.type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  // not every browser follows a link that is not in the document
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), keptMs);
}
