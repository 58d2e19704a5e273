/** German: the texts of all parts of the page in one table. */

const parts = import.meta.glob<Record<string, string>>(["./*.json", "!./words.json", "!./tour.json"], {
  eager: true,
  import: "default",
});

export default Object.assign({}, ...Object.values(parts)) as Record<string, string>;
