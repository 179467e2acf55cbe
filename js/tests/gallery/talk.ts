// A conversation to look at: people, and messages of every kind.

import type { Member, Message, PresentMember } from "../../src/protocol/types.generated.ts";
import { member, message } from "../fakes.ts";

export const ADA = member("user:ada", "Ada Lovelace");
export const BO = member("user:bo", "Bo Andersen", "owner");
export const CY = { ...member("user:cy", "Cyrus"), self_chosen: true };
export const DI = member("user:di", "Diana Prince", "moderator");
export const EVE = member("user:eve", "Eve Moneypenny-Worthington of Somewhere");
export const FADI = member("user:fadi", "فادي");
export const GUS = member("user:gus", "Gus", "viewer");
export const HAL: Member = { ...member("assistant:hal", "Helper"), kind: "assistant" };

export const PEOPLE: readonly Member[] = [ADA, BO, CY, DI, EVE, FADI, GUS, HAL];

const GIVEN = "Amina Bruno Chloé Dmitri Elif Farah Goran Hana Ivo Jun".split(" ");
const FAMILY = "Abara Bianchi Chen Dubois Eriksen Fischer García Haddad Ito Jovanović".split(" ");

/** Three hundred, of whom most are not here. */
export const CROWD: readonly Member[] = [
  ...PEOPLE,
  ...Array.from({ length: 292 }, (_, at) => {
    const name = `${GIVEN[at % 10]} ${FAMILY[Math.floor(at / 10) % 10]}`;
    return member(`user:${at}`, at < 100 ? name : `${name} ${Math.floor(at / 100) + 1}`);
  }),
];

const NOW = Date.now() / 1000;

export const PRESENCE: readonly PresentMember[] = [
  here(ADA, "active"),
  here(BO, "active"),
  here(CY, "idle"),
  here(DI, "active"),
  here(EVE, "active"),
  here(FADI, "idle"),
  { id: GUS.id, state: "offline", connections: 0, last_seen: NOW - 3 * 3600 },
  here(HAL, "active"),
];

function here({ id }: Member, state: "active" | "idle"): PresentMember {
  return { id, state, connections: 1, last_seen: NOW };
}

type More = Partial<Message>;

/** Messages with these authors and texts, the last one a moment ago. */
export function script(
  lines: readonly (readonly [Member, string, number, More?])[],
): readonly Message[] {
  return lines.map(([author, text, minutesAgo, more], index) => ({
    ...message(index + 2, text, author.id),
    at: NOW - minutesAgo * 60,
    ...more,
  }));
}

const CODE = `Found it, the join duplicated rows:

\`\`\`python
import pandas as pd

def clean(orders: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """One row per order, whatever the people table holds."""
    people = people.drop_duplicates("person_id", keep="last")  # 1,204 of 88,310
    merged = orders.merge(people, on="person_id", how="left", validate="many_to_one")
    return merged.assign(total=merged.price * merged.count)
\`\`\`

Run \`clean(orders, people)\` and the totals match again.`;

const TABLE = `Here is the comparison:

| region | orders | revenue | change |
|:-------|-------:|--------:|:------:|
| North  |  1,204 | 88,310 € | +4 % |
| South  |    980 | 71,020 € | −2 % |
| Online | 12,450 | 913,400 € | +18 % |`;

const LIST = `Plan for today:

1. Fix the join
2. Rerun the **forecast** with *last* week's data
3. Write it up

- [x] numbers agree with finance
- [ ] figure 3 needs a legend

> Keep it short, please.`;

const LONG_CODE = Array.from({ length: 40 }, (_, n) => `row_${n} = compute(${n})`).join("\n");

export const TALK: readonly Message[] = script([
  [BO, "Morning! Who is looking at the **orders** numbers?", 3 * 24 * 60],
  [ADA, "I am. Something is off by about 1.4 %, see https://example.org/report", 3 * 24 * 60 - 2],
  [CY, "Same here. I thought it was my cache.", 24 * 60 + 30],
  [CY, "Cleared it, still there.", 24 * 60 + 29],
  [DI, LIST, 24 * 60 + 10, { reactions: [{ emoji: "👀", members: [BO.id] }] }],
  [HAL, TABLE, 24 * 60 + 8],
  [BO, "Thanks!", 130, { reply_to: 7 }],
  [
    ADA,
    CODE,
    124,
    {
      reactions: [
        { emoji: "🎉", members: [BO.id, CY.id, DI.id] },
        { emoji: "🚀", members: [ADA.id, EVE.id] },
        { emoji: "❤️", members: [ADA.id] },
      ],
    },
  ],
  [ADA, "I'll push it after lunch.", 123, { edited_at: NOW - 100 * 60 }],
  [BO, "🎉🎉", 122],
  [FADI, "مرحبا بالجميع، الأرقام تبدو صحيحة الآن.", 90],
  [EVE, "", 88, { redacted: true }],
  [CY, "What did she say?", 87, { reply_to: 13 }],
  [
    EVE,
    "Never mind. A very long word: Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft and a very long link https://example.org/a/very/long/path/that/goes/on/and/on/until/it/really/has/to/break/somewhere?query=1234567890",
    86,
  ],
  [DI, `All of it:\n\n\`\`\`python\n${LONG_CODE}\n\`\`\``, 60],
  [BO, "Looks good to me. Shipping the notebook to finance at 15:00 unless someone objects.", 12],
  [ADA, "Fine by me", 4],
  [ADA, "and thanks all, this was quick", 3],
  [CY, "👍 see you there", 1, { reactions: [{ emoji: "👍", members: [ADA.id, BO.id] }] }],
]);

const PROOF = String.raw`The estimate $\hat{\beta} = (X^\top X)^{-1} X^\top y$ minimises

$$
\begin{aligned}
L(\beta) &= \sum_{i=1}^{n} \left( y_i - x_i^\top \beta \right)^2 \\
          &= \lVert y - X\beta \rVert^2
\end{aligned}
$$

for $n > p$, and costs us $5 or $6 an hour.`;

const PIECES = String.raw`$$f(x) = \begin{cases} 1 & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases} \tag{1}$$

- a matrix $\begin{pmatrix} a & b \\ c & d \end{pmatrix}$ in a line
- roots $\frac{-b \pm \sqrt{b^2 - 4ac}}{2a}$, cancelled $\cancel{x}\,\xcancel{y}$, a vector $\vec{v}$
- the answer is $\boxed{42}$, the rule $\rule{2em}{1em}$

$$\left[\begin{array}{cc|c} 1 & 0 & 3 \\ \hline 0 & 1 & 4 \end{array}\right]$$`;

const WIDE = String.raw`$$e^x = 1 + x + \frac{x^2}{2!} + \frac{x^3}{3!} + \frac{x^4}{4!} + \frac{x^5}{5!} + \frac{x^6}{6!} + \frac{x^7}{7!} + \frac{x^8}{8!} + \frac{x^9}{9!} + \frac{x^{10}}{10!} + \frac{x^{11}}{11!} + \cdots$$

In a line: $a_1 + a_2 + a_3 + a_4 + a_5 + a_6 + a_7 + a_8 + a_9 + a_{10} + a_{11} + a_{12} + a_{13} + a_{14} + a_{15} + a_{16} + a_{17} + a_{18}$.`;

export const FORMULAS: readonly Message[] = script([
  [HAL, PROOF, 9],
  [DI, PIECES, 8],
  [BO, WIDE, 6],
  [CY, String.raw`Broken: $\frac{a}{$ and $\href{javascript:alert(1)}{x}$, and $$\foo$$`, 1],
]);

/** Many plain messages, one a minute. */
export function chatter(count: number): readonly Message[] {
  const people = [ADA, BO, CY, DI];
  return script(
    Array.from({ length: count }, (_, index): readonly [Member, string, number] => {
      const author = people[Math.floor(index / 3) % people.length] ?? ADA;
      const words = "lorem ipsum dolor sit amet consectetur ".repeat(1 + (index % 5));
      return [author, `Message ${index + 1}: ${words}`, (count - index) * 2];
    }),
  );
}
