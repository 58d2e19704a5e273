/** English: the texts of the first view in one table. */

const parts = import.meta.glob<Record<string, string>>(
  ["./frame.json", "./input.json", "./network.json", "./page.json"],
  {
    eager: true,
    import: "default",
  },
);

export default Object.assign({}, ...Object.values(parts)) as Record<string, string>;
