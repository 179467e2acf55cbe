// The emoji that are there before, or without, the emoji chunk.

import type { Emoji, EmojiIndex } from "../chunks/types.ts";

const TABLE =
  "👍 +1|👎 -1|❤️ heart|🎉 tada|😄 smile|😂 joy|🙂 slightly_smiling_face|😉 wink|😍 heart_eyes|" +
  "🤔 thinking|😅 sweat_smile|😢 cry|😮 open_mouth|🙏 pray|👏 clap|🙌 raised_hands|👀 eyes|" +
  "🔥 fire|🚀 rocket|✅ white_check_mark|❌ x|⚠️ warning|💡 bulb|🐛 bug|📈 chart_with_upwards_trend|" +
  "☕ coffee|👋 wave|💯 100|✨ sparkles|❓ question";

const all: readonly Emoji[] = TABLE.split("|").map((pair) => {
  const [emoji = "", shortcode = ""] = pair.split(" ");
  return { emoji, shortcode, name: shortcode.replaceAll("_", " "), tones: [] };
});

export const SHORT_LIST: EmojiIndex = {
  groups: [{ id: "common", name: "Common", emoji: all }],
  search: (query) => all.filter((each) => each.name.includes(query.toLowerCase())),
  find: (emoji) => all.find((each) => each.emoji === emoji),
  named: (shortcode) => all.find((each) => each.shortcode === shortcode),
};
