// Files that leave the page, to this computer and nowhere else.

/** Offers a file for download. */
export function save(name: string, content: Uint8Array | string | undefined, type: string): void {
  if (content === undefined) return;
  const url = URL.createObjectURL(new Blob([content as BlobPart], { type }));
  const a = document.createElement("a");
  a.href = url;
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
