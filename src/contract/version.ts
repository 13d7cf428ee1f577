/** Version of the program, written into every document; a test holds it equal to package.json. */
export const programVersion = "0.1.0";
