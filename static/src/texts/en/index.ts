/** English: the texts of the first view in one table. */

const parts = import.meta.glob<Record<string, string>>(
  [
    "./*.json",
    "!./panel.json",
    "!./server.json",
    "!./words.json",
    "!./tour.json",
    "!./models.json",
    "!./why.json",
    "!./own.json",
  ],
  {
    eager: true,
    import: "default",
  },
);

export default Object.assign({}, ...Object.values(parts)) as Record<string, string>;
