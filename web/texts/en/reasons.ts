/** What the codes of the service mean; what it says in English is more exact. */
import { DATA_PROBLEMS, FINDINGS, TEMPLATE_FAULTS } from '../../../shared/problems.ts';

export const reasons = {
  reasons: { findings: FINDINGS, faults: TEMPLATE_FAULTS, problems: DATA_PROBLEMS },
};
