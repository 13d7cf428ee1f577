/** A delta over a spectrum. */
export function Logo() {
  return (
    <svg width="20" height="20" viewBox="0 0 20 20" fill="none" stroke="var(--accent)" aria-hidden="true">
      <path d="M10 2.2 18.2 17H1.8z" strokeWidth="1.7" strokeLinejoin="round" />
      <path d="M6.6 14.4v-2.7M9 14.4V8.2M11.4 14.4v-3.9M13.6 14.4v-1.5" strokeWidth="1.4" strokeLinecap="round" />
    </svg>
  );
}
