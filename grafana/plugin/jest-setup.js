// Jest setup provided by Grafana scaffolding
import './.config/jest-setup';

// jsdom draws nothing; Grafana's pickers measure texts on a canvas.
HTMLCanvasElement.prototype.getContext = () => ({ measureText: (text) => ({ width: 8 * text.length }) });
