/** Starts the service worker of a page. */

export function registerWorker(page: string, scope: string): void {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  navigator.serviceWorker.register(`/worker.js?page=${page}`, { scope }).catch((error: unknown) => {
    console.warn("the page will not open without a network", error);
  });
}
