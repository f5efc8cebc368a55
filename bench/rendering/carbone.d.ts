/** carbone 2 has no types of its own; what the benchmark calls. */
declare module 'carbone' {
  const carbone: {
    set(options: { readonly templatePath: string }): void;
    render(
      template: string,
      data: object,
      options: object,
      done: (error: unknown, result: Buffer | string) => void,
    ): void;
  };
  export default carbone;
}
