"""Settings of the Jupyter server that ``make lab`` starts."""

from jupyter_server.services.kernels.websocket import KernelWebsocketHandler

open_connection = KernelWebsocketHandler.open


async def open_without_delay(self, kernel_id):
    """Open a kernel's connection that sends every update of a panel at once.

    By default the system holds back a small message until the one before is acknowledged:
    some 40 ms for every redraw while a slider is dragged.
    """
    self.set_nodelay(True)
    await open_connection(self, kernel_id)


KernelWebsocketHandler.open = open_without_delay
