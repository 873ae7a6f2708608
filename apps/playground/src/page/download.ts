/** Gives the user a text as a file. */
export function downloadText(name: string, content: { text: string; type: string }): void {
  const url = URL.createObjectURL(new Blob([content.text], { type: content.type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // the browser has taken its own hold of the data by the next task
  setTimeout(() => URL.revokeObjectURL(url), 0);
}
