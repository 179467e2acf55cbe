declare module "*.css" {
  const text: string;
  export default text;
}

declare module "emoji-table" {
  const table: import("./chunks/emoji-index.ts").EmojiTable;
  export default table;
}
