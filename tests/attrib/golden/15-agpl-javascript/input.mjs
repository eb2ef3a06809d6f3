export async function retryWithBackoff(task, { attempts = 5, base = 100, ceiling = 5000 } = {}) {
  let failure;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    try {
      return await task(attempt);
    } catch (error) {
      failure = error;
      const pause = Math.min(ceiling, base * 2 ** attempt) * (0.5 + Math.random() / 2);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  throw new Error(`gave up after ${attempts} attempts`, { cause: failure });
}
