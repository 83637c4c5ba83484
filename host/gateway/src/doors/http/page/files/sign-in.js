// Sends the secret of a one-time link. It stands behind the `#`, which a browser keeps to itself, and leaves the address
// bar and the history before anything else happens.
const secret = location.hash.slice(1);
if (secret) {
  history.replaceState(null, "", location.pathname);
  document.getElementById("token").value = secret;
  document.getElementById("sign-in").requestSubmit();
}
