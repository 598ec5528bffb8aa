// Shows the gateway's state and redeems a one-time login link. The code stands behind "#", so that no server log ever sees it.
const CREDENTIAL = "openclaw_gateway_credential";
const element = (id) => document.getElementById(id);

function showState(kind, text) {
  element("state").className = kind;
  element("state-text").textContent = text;
}

function duration(ms) {
  const minutes = Math.floor(ms / 60000);
  if (minutes < 1) return "less than a minute";
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.floor(minutes / 1440)} days`;
}

async function refresh() {
  try {
    const answer = await fetch("/readyz", { cache: "no-store" });
    const state = await answer.json();
    element("uptime").textContent = duration(state.uptimeMs);
    if (state.ready) showState("good", "Running");
    else showState("bad", `Not ready: ${state.failing.join(", ")}`);
  } catch {
    showState("bad", "The gateway does not answer");
  }
}

function showLogin() {
  element("login").textContent = localStorage.getItem(CREDENTIAL) ? "signed in" : "not signed in";
}

async function redeem() {
  const code = new URLSearchParams(location.hash.slice(1)).get("login");
  if (!code) return;
  history.replaceState(null, "", location.pathname);
  const answer = await fetch("/api/login", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ code }),
  });
  const body = await answer.json();
  if (answer.ok) localStorage.setItem(CREDENTIAL, JSON.stringify(body));
  showLogin();
  if (!answer.ok) element("login").textContent = body.error.message;
}

element("address").textContent = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}`;
showLogin();
refresh();
redeem();
setInterval(refresh, 5000);
