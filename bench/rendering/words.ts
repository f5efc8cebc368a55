/** Words for the prose of templates. */

export const WORDS: readonly string[] =
  `agreement party obligation within thirty days written notice employer employee salary holiday shall
  may must terms conditions confidential information disclosure third termination cause period probation
  benefits insurance pension leave annual sickness overtime compensation bonus performance review annual
  property intellectual rights assign transfer successor governing law jurisdiction court dispute resolution
  arbitration amendment waiver severable provision force entire understanding prior oral representation
  warranty liability indemnify damages remedy breach material default payment invoice delivery acceptance
  schedule annex appendix clause section paragraph hereby herein thereof pursuant subject notwithstanding
  reasonable effort best knowledge belief consent approval prior during after before unless except provided
  that including without limitation any all each every such other office place work hours week month year
  manager director board company registered number address telephone data protection privacy policy security
  equipment vehicle expense travel reimbursement receipt training course certificate qualification duty
  responsibility report line location remote flexible arrangement restrict compete solicit client customer
  supplier colleague inspection record archive retention lawful permitted prohibited effective commencement`
    .split(/\s+/)
    .filter((word) => word !== '');
