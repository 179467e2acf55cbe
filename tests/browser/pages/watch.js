// Before anything else on the page: whatever a payload gets to run says so here.
window.pwned = [];
window.pwn = (what) => void window.pwned.push(String(what));
