// Where to go after signing in: to this site only, whatever the address asks for.

/** Any page of this site in `returnUrl`; `home` when it names another site, or nothing that is one. */
export function returnAddress(home) {
  const wanted = new URLSearchParams(location.search).get("returnUrl");
  if (wanted === null || !URL.canParse(wanted, location.origin)) return home;
  const address = new URL(wanted, location.origin);
  // The protocol, too: a blob: has the origin of the page that made it.
  if (address.origin !== location.origin || address.protocol !== location.protocol) return home;
  // Never the address as it was given: it may carry a name and a password, or begin with slashes.
  return location.origin + address.pathname + address.search + address.hash;
}
