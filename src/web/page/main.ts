import { App } from './app.js';
import { Connection, signIn, type ConnectionState } from './connection.js';
import { byId, setText } from './dom.js';
import { applyTheme, nextTheme, storedTheme } from './theme.js';

const WORDS: Readonly<Record<ConnectionState, string>> = {
  connecting: 'connecting',
  live: 'live',
  lost: 'connection lost, trying again',
  locked: 'signed out',
};

function start(): void {
  const app = new App();
  const connection = new Connection({ onOverview: (overview) => app.show(overview), onState: showState });
  startTheme(app);
  startSignIn(connection);
  connection.open();
}

function showState(state: ConnectionState): void {
  const shown = byId('connection');
  shown.dataset['state'] = state;
  setText(shown, WORDS[state]);
  const dialog = byId('sign-in') as HTMLDialogElement;
  if (state === 'locked' && !dialog.open) dialog.showModal();
}

function startTheme(app: App): void {
  const button = byId('theme');
  let theme = storedTheme();
  const apply = (): void => {
    applyTheme(theme);
    setText(button, `Theme: ${theme}`);
    app.schedule();
  };
  button.addEventListener('click', () => {
    theme = nextTheme(theme);
    apply();
  });
  apply();
}

function startSignIn(connection: Connection): void {
  const token = byId('sign-in-token') as HTMLInputElement;
  byId('sign-in-form').addEventListener('submit', (event) => {
    event.preventDefault();
    void signIn(token.value).then((accepted) => {
      setText(byId('sign-in-error'), accepted ? '' : 'This is not the token.');
      if (!accepted) return;
      token.value = '';
      (byId('sign-in') as HTMLDialogElement).close();
      connection.open();
    });
  });
}

start();
