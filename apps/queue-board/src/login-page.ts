/** The login form. It needs no script. `action` is the URL to which it is sent. */
export function loginPage({ isWrong, action }: { isWrong: boolean; action: string }): string {
  const note = isWrong ? '<p role="alert">This is not the password.</p>' : '';
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Queue board</title>
<link rel="icon" href="data:,">
<style>
  :root { color-scheme: light dark; font-family: system-ui, sans-serif; }
  body { display: grid; min-height: 100vh; margin: 0; place-items: center; }
  form { display: grid; gap: 0.75rem; width: min(20rem, 90vw); }
  input, button { font: inherit; padding: 0.5rem; }
</style>
<form method="post" action="${action}">
  <h1>Queue board</h1>
  ${note}
  <label for="password">Password</label>
  <input id="password" name="password" type="password" autocomplete="current-password" required autofocus>
  <button>Log in</button>
</form>
`;
}
