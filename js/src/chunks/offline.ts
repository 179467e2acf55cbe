// The offline chunk: what a browser keeps of a conversation when its page is gone.

export { openShelf } from "../offline/shelf.ts";
