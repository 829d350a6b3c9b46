/** The page as an app: its service worker, its newer versions, its place on the home screen. */

interface InstallPrompt extends Event {
  prompt: () => Promise<unknown>;
}

export class Installation {
  /** a newer version waits for `update` */
  isUpdateReady = false;
  private waiting: ServiceWorker | null = null;
  private offered: InstallPrompt | null = null;

  constructor(private readonly onChange: () => void) {
    addEventListener('beforeinstallprompt', (event) => {
      event.preventDefault();
      this.offered = event as InstallPrompt;
      onChange();
    });
  }

  /** Let the page open without a network from now on; nothing happens where the browser has no workers. */
  async register(): Promise<void> {
    if (!('serviceWorker' in navigator) || import.meta.env.DEV) return;
    const registration = await navigator.serviceWorker.register('/audit/worker.js', { scope: '/audit', updateViaCache: 'none' });
    this.notice(registration.waiting);
    registration.addEventListener('updatefound', () => {
      const { installing } = registration;
      installing?.addEventListener('statechange', () => {
        if (installing.state === 'installed' && navigator.serviceWorker.controller) this.notice(installing);
      });
    });
  }

  /** Go on with the newer version. */
  update(): void {
    navigator.serviceWorker.addEventListener('controllerchange', () => location.reload());
    this.waiting?.postMessage('take over');
  }

  /** Ask to be put on the home screen; null where the browser does not offer it. */
  get install(): (() => void) | null {
    const { offered } = this;
    return offered && (() => {
      this.offered = null;
      void offered.prompt().then(this.onChange);
    });
  }

  private notice(worker: ServiceWorker | null): void {
    if (worker === null) return;
    this.waiting = worker;
    this.isUpdateReady = true;
    this.onChange();
  }
}
