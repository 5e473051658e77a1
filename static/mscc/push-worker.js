// The service worker of Web Push: shows what it is sent, and opens its link when it is pressed.
self.addEventListener("push", (event) => {
  const page = event.data ? event.data.json() : { title: "MSCC service", body: "A page. Open the worklist.", link: "/" };
  event.waitUntil(
    self.registration.showNotification(page.title, { body: page.body, tag: page.tag, requireInteraction: true, data: page.link }),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(self.clients.openWindow(event.notification.data || "/"));
});
